/// The action that a request asks for, such as `iot:Publish`; prepared, because actions are compared without regard to case.
package struct PolicyAction: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// As it was given.
    package let name: String
    /// Lower-case UTF-8 of every name that a policy may call it by.
    let names: [[UInt8]]
    /// The bit of an action that runs per packet; 0 for others.
    let commonBit: UInt8

    package init(_ name: String) {
        let lowercased = name.lowercased()
        var names = [[UInt8](lowercased.utf8)]
        // Policies from before the prefix `iotjobsdata` name the jobs data plane with `iot` (AWS IoT developer guide, "Policy actions").
        if Self.jobsData.contains(lowercased) { names.append([UInt8](("iot:" + lowercased.dropFirst("iotjobsdata:".count)).utf8)) }
        self.name = name
        self.names = names
        self.commonBit = Self.commonNames.firstIndex(of: lowercased).map { 1 << UInt8($0) } ?? 0
    }

    package init(stringLiteral name: String) { self.init(name) }

    package var description: String { self.name }

    package static let connect: PolicyAction = "iot:Connect"
    package static let publish: PolicyAction = "iot:Publish"
    package static let retainPublish: PolicyAction = "iot:RetainPublish"
    package static let subscribe: PolicyAction = "iot:Subscribe"
    package static let receive: PolicyAction = "iot:Receive"

    /// A statement knows by one bit whether it speaks of these.
    static let commonNames = ["iot:connect", "iot:publish", "iot:retainpublish", "iot:subscribe", "iot:receive"]

    private static let jobsData: Set<String> = [
        "iotjobsdata:describejobexecution", "iotjobsdata:getpendingjobexecutions", "iotjobsdata:startnextpendingjobexecution",
        "iotjobsdata:updatejobexecution",
    ]
}

/// The `Action` or `NotAction` of a statement.
struct ActionMatcher: Sendable {
    private let isNegated: Bool
    /// Lower-case, with the matcher's marks for wildcards.
    private let patterns: [[UInt8]]
    private let commonBits: UInt8

    init(_ names: [String], isNegated: Bool) {
        let patterns = names.map { WildcardMatcher.encode($0.lowercased()) }
        self.isNegated = isNegated
        self.patterns = patterns
        self.commonBits = PolicyAction.commonNames.enumerated().reduce(0) { bits, common in
            let isMatch = Self.matches(patterns, [UInt8](common.element.utf8)) != isNegated
            return isMatch ? bits | 1 << UInt8(common.offset) : bits
        }
    }

    func matches(_ action: PolicyAction) -> Bool {
        if action.commonBit != 0 { return self.commonBits & action.commonBit != 0 }
        return action.names.contains { Self.matches(self.patterns, $0) } != self.isNegated
    }

    private static func matches(_ patterns: [[UInt8]], _ name: [UInt8]) -> Bool {
        patterns.contains { pattern in
            pattern.withUnsafeBufferPointer { p in name.withUnsafeBufferPointer { WildcardMatcher.matches(p, $0) } }
        }
    }
}
