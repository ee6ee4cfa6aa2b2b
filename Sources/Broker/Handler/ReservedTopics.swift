/// The topics under `$` that clients may publish to (AWS IoT, reserved topics); all others there belong to the platform.
enum ReservedTopics {
    static func mayPublish(_ topic: UnsafeRawBufferPointer, profile: Profile) -> Bool {
        guard topic.first == UInt8(ascii: "$") else { return true }
        guard topic.hasPrefix("$aws/") else {
            return profile.allowsOtherDollarTopics && !topic.hasPrefix("$SYS") && !topic.hasPrefix("$share/")
        }
        if topic.hasPrefix("$aws/rules/") || topic.hasPrefix("$aws/device_location/") { return true }
        let levels = self.levels(topic)
        switch levels.dropFirst().first {
        case "things": return self.mayPublishToThing(levels)
        case "certificates": return !self.isAnswer(levels)
        case "provisioning-templates": return levels.count > 3 && levels[3] == "provision" && !self.isAnswer(levels)
        case "commands": return levels.count > 6 && levels[6] == "response" && !self.isAnswer(levels)
        default: return false
        }
    }

    private static func mayPublishToThing(_ levels: [String]) -> Bool {
        guard levels.count > 4 else { return false }
        switch levels[3] {
        case "shadow":
            let operation = levels[4] == "name" ? 6 : 4
            return levels.count == operation + 1 && ["get", "update", "delete"].contains(levels[operation])
        case "jobs": return !self.isAnswer(levels) && !levels[4].hasPrefix("notify")
        case "streams": return levels.count == 7 && (levels[5] == "describe" || levels[5] == "get")
        case "defender": return !self.isAnswer(levels)
        default: return false
        }
    }

    private static func isAnswer(_ levels: [String]) -> Bool { levels.contains("accepted") || levels.contains("rejected") }

    private static func levels(_ topic: UnsafeRawBufferPointer) -> [String] {
        var levels: [String] = []
        forEachLevel(topic) { levels.append(String(decoding: $0, as: UTF8.self)) }
        return levels
    }
}

extension ReservedTopics {
    /// `$aws/rules/NAME/` does not count towards the length of a Basic Ingest topic.
    static func withoutRulePrefix(_ topic: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let name = topic.dropFirst("$aws/rules/".utf8.count)
        guard let slash = name.firstIndex(of: UInt8(ascii: "/")) else { return UnsafeRawBufferPointer(rebasing: name) }
        return UnsafeRawBufferPointer(rebasing: name[(slash + 1)...])
    }
}
