import JSON

/// One key of one operator of a statement's Condition, with the values that the policy allows for it.
struct PolicyCondition: Sendable {
    enum Values: Sendable {
        case patterns([PolicyPattern])
        /// Six parts each, compared one by one, so that a wildcard ends at a colon.
        case arns([[PolicyPattern]])
        case numbers([JSONDecimal])
        case dates([Int64])
        case flags([Bool])
        case addresses([IPAddressRange])
    }

    let key: PolicyVariable
    /// As the policy spells it.
    let keyName: String
    let test: ConditionOperator
    let values: Values

    var isTimeDependent: Bool {
        if self.key.isTime { return true }
        switch self.values {
        case .patterns(let patterns): return patterns.contains(where: \.isTimeDependent)
        case .arns(let arns): return arns.contains { $0.contains(where: \.isTimeDependent) }
        case .numbers, .dates, .flags, .addresses: return false
        }
    }

    func holds(_ context: PolicyContext, _ evaluation: inout PolicyEvaluation) -> Bool {
        let actual = context.values(of: self.key)
        if case .null = self.test.comparison, case .flags(let wanted) = self.values { return wanted.contains(actual.isMissing) }
        switch actual {
        case .none: return self.holdsWithoutValue(&evaluation)
        case .one(let value):
            return self.fits(value, context, &evaluation)
        case .many(let values):
            return self.holds(values, context, &evaluation)
        }
    }

    private func holdsWithoutValue(_ evaluation: inout PolicyEvaluation) -> Bool {
        if self.test.ifExists { return true }
        switch self.test.quantifier {
        case .forAllValues: return true
        case .none where self.test.isNegated: return true
        case .none, .forAnyValue:
            evaluation.report([self.keyName])
            return false
        }
    }

    private func holds(_ values: [String], _ context: PolicyContext, _ evaluation: inout PolicyEvaluation) -> Bool {
        let needsAll: Bool
        switch self.test.quantifier {
        case .forAllValues: needsAll = true
        case .forAnyValue: needsAll = false
        // Without a quantifier "not equal" speaks of all of them.
        case .none: needsAll = self.test.isNegated
        }
        for value in values where self.fits(value, context, &evaluation) != needsAll { return !needsAll }
        return needsAll
    }

    /// Whether one value of the request satisfies the operator. A value that cannot be compared satisfies none.
    private func fits(_ value: String, _ context: PolicyContext, _ evaluation: inout PolicyEvaluation) -> Bool {
        switch self.match(value, context, &evaluation) {
        case .yes: !self.test.isNegated
        case .no: self.test.isNegated
        case .undefined: false
        }
    }

    /// Whether the value is equal to (like, less than…) any of the policy's.
    private func match(_ value: String, _ context: PolicyContext, _ evaluation: inout PolicyEvaluation) -> PolicyPattern.Match {
        switch (self.values, self.test.comparison) {
        case (.patterns(let patterns), let comparison):
            var text = comparison == .stringEqualsIgnoreCase ? value.lowercased() : value
            return text.withUTF8 { bytes in Self.any(patterns) { $0.matches(bytes, context, &evaluation) } }
        case (.arns(let arns), _):
            guard let parts = PolicyARN.parts(of: value) else { return .undefined }
            return Self.any(arns) { Self.matches($0, parts, context, &evaluation) }
        case (.numbers(let limits), .numeric(let order)):
            guard let number = JSONDecimal(value) else { return .undefined }
            return limits.contains { order.holds(number, $0) } ? .yes : .no
        case (.dates(let limits), .date(let order)):
            guard let date = PolicyDate.parse(value) else { return .undefined }
            return limits.contains { order.holds(date, $0) } ? .yes : .no
        case (.flags(let flags), _):
            guard let flag = Self.flag(value) else { return .undefined }
            return flags.contains(flag) ? .yes : .no
        case (.addresses(let ranges), _):
            guard let address = IPAddressRange.address(ofPeer: value) else { return .undefined }
            return ranges.contains { $0.contains(address) } ? .yes : .no
        case (.numbers, _), (.dates, _):
            // The parser pairs them with their operators.
            return .undefined
        }
    }

    private static func any<Pattern>(_ patterns: [Pattern], _ match: (Pattern) -> PolicyPattern.Match) -> PolicyPattern.Match {
        var result = PolicyPattern.Match.no
        for pattern in patterns {
            switch match(pattern) {
            case .yes: return .yes
            case .no: break
            case .undefined: result = .undefined
            }
        }
        return result
    }

    private static func matches(
        _ patterns: [PolicyPattern], _ parts: [Substring], _ context: PolicyContext, _ evaluation: inout PolicyEvaluation
    ) -> PolicyPattern.Match {
        var result = PolicyPattern.Match.yes
        for (pattern, part) in zip(patterns, parts) {
            var part = part
            switch part.withUTF8({ pattern.matches($0, context, &evaluation) }) {
            case .yes: break
            case .no: return .no
            case .undefined: result = .undefined
            }
        }
        return result
    }

    static func flag(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true": true
        case "false": false
        default: nil
        }
    }
}
