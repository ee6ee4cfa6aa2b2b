import JSON

/// A place in an item: `a.b[3]`.
struct DocumentPath: Sendable, Hashable {
    enum Step: Sendable, Hashable {
        case name(String)
        case index(Int)
    }

    /// The attribute.
    let name: String
    /// What comes behind it, at most ``DynamoDBLimits/maxPathSteps``.
    let steps: [Step]

    /// Whether one is a part of the other.
    func overlaps(_ other: DocumentPath) -> Bool {
        self.name.utf8.elementsEqual(other.name.utf8) && zip(self.steps, other.steps).allSatisfy { $0 == $1 }
    }

    func value(in item: JSONObject) -> JSONValue? {
        var value = item[self.name]
        for step in self.steps {
            guard let here = value else { return nil }
            let (type, content) = DynamoDBValue.parts(here)
            switch step {
            case .name(let name): value = type == "M" ? content[name] : nil
            case .index(let index): value = type == "L" ? content[index] : nil
            }
        }
        return value
    }

    /// - Throws: ValidationException when what the value is to be put into is not there.
    func set(_ value: JSONValue, in item: inout JSONObject) throws {
        guard !self.steps.isEmpty else {
            item[self.name] = value
            return
        }
        guard var attribute = item[self.name] else { throw Self.invalid }
        try Self.change(&attribute, self.steps[...], to: value)
        item[self.name] = attribute
    }

    /// What is not there needs no removing.
    func remove(from item: inout JSONObject) throws {
        guard !self.steps.isEmpty else {
            item[self.name] = nil
            return
        }
        guard var attribute = item[self.name] else { throw Self.invalid }
        try Self.change(&attribute, self.steps[...], to: nil)
        item[self.name] = attribute
    }

    static let invalid = DynamoDBError.validation("The document path provided in the update expression is invalid for update")

    /// Recurses once for each step.
    private static func change(_ value: inout JSONValue, _ steps: ArraySlice<Step>, to new: JSONValue?) throws {
        let (type, content) = DynamoDBValue.parts(value)
        let rest = steps.dropFirst()
        switch (steps.first, type, content) {
        case (.name(let name), "M", .object(var members)):
            if rest.isEmpty {
                members[name] = new
            } else {
                guard var member = members[name] else { throw Self.invalid }
                try Self.change(&member, rest, to: new)
                members[name] = member
            }
            value = .object(["M": .object(members)])
        case (.index(let index), "L", .array(var items)):
            if !rest.isEmpty {
                guard items.indices.contains(index) else { throw Self.invalid }
                try Self.change(&items[index], rest, to: new)
            } else if items.indices.contains(index) {
                if let new { items[index] = new } else { items.remove(at: index) }
            } else if let new {
                // Past the end is at the end.
                items.append(new)
            }
            value = .object(["L": .array(items)])
        default: throw Self.invalid
        }
    }
}
