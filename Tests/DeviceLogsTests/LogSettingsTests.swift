import Broker
import JSON
import Testing

@testable import DeviceLogs

@Suite struct LogSettingsTests {
    private let client = Activity.Client(clientID: "c", principal: "p", address: "10.0.0.1")

    private func settings(_ levels: [LogTarget: LogLevel] = [:], standard: LogLevel = .warn) -> LogSettings {
        LogSettings(roleARN: "r", defaultLevel: standard, isDisabled: false, levels: levels)
    }

    @Test(arguments: LogLevel.allCases)
    func aLevelWritesWhatIsAtLeastAsSevere(level: LogLevel) {
        let written = [Activity.Level.debug, .info, .warn, .error].filter { level.writes($0) }
        let expected: [LogLevel: [Activity.Level]] = [
            .debug: [.debug, .info, .warn, .error], .info: [.info, .warn, .error], .warn: [.warn, .error], .error: [.error], .disabled: [],
        ]
        #expect(written == expected[level])
    }

    @Test func theMostSpecificTargetDecides() {
        let order: [LogTarget] = [
            LogTarget(kind: .clientID, name: "c"), LogTarget(kind: .principalID, name: "p"), LogTarget(kind: .sourceIP, name: "10.0.0.1"),
            LogTarget(kind: .thingGroup, name: "g"),
        ]
        for (place, target) in order.enumerated() {
            var levels: [LogTarget: LogLevel] = [target: .info]
            for other in order[(place + 1)...] { levels[other] = .disabled }
            #expect(self.settings(levels).writes(.connect, .info, self.client, groups: ["g"]), "\(target)")
            levels[target] = .disabled
            for other in order[(place + 1)...] { levels[other] = .debug }
            #expect(!self.settings(levels).writes(.connect, .error, self.client, groups: ["g"]), "\(target)")
        }
    }

    @Test func theMostVerboseOfTheGroupsDecides() {
        let settings = self.settings([
            LogTarget(kind: .thingGroup, name: "a"): .disabled, LogTarget(kind: .thingGroup, name: "b"): .debug,
        ])
        #expect(settings.writes(.connect, .debug, self.client, groups: ["a", "b"]))
        #expect(!settings.writes(.connect, .error, self.client, groups: ["a"]))
        #expect(settings.writes(.connect, .warn, self.client, groups: []))
        #expect(!settings.writes(.connect, .info, self.client, groups: ["other"]))
    }

    @Test func anEventHasItsOwnLevelAndDestination() {
        var settings = self.settings()
        settings.events["Connect"] = LogSettings.EventSetting(level: .debug, destination: "elsewhere")
        #expect(settings.writes(.connect, .debug, self.client, groups: []))
        #expect(!settings.writes(.publishIn, .info, self.client, groups: []))
        #expect(settings.destination(of: .connect) == "elsewhere")
        #expect(settings.destination(of: .publishIn) == "AWSIotLogsV2")
        // The level of a client is more than that of an event.
        settings.levels[LogTarget(kind: .clientID, name: "c")] = .disabled
        #expect(!settings.writes(.connect, .error, self.client, groups: []))
    }

    @Test func turnedOffNothingIsWritten() {
        var settings = self.settings([LogTarget(kind: .clientID, name: "c"): .debug])
        settings.isDisabled = true
        #expect(!settings.writes(.connect, .error, self.client, groups: []))
        #expect(!settings.mayWrite(.connect, .error, self.client))
    }

    /// What event loops ask may say yes too often, never no.
    @Test func mayWriteLeavesNothingOut() {
        let targets: [LogTarget] = [
            LogTarget(kind: .clientID, name: "c"), LogTarget(kind: .principalID, name: "p"), LogTarget(kind: .sourceIP, name: "10.0.0.1"),
            LogTarget(kind: .thingGroup, name: "g"), LogTarget(kind: .thingGroup, name: "h"),
        ]
        var random = SystemRandomNumberGenerator()
        for _ in 0..<5_000 {
            var levels: [LogTarget: LogLevel] = [:]
            for target in targets where Bool.random(using: &random) { levels[target] = LogLevel.allCases.randomElement() }
            let settings = self.settings(levels, standard: LogLevel.allCases.randomElement() ?? .warn)
            let groups = ["g", "h"].filter { _ in Bool.random(using: &random) }
            for level in [Activity.Level.debug, .info, .warn, .error] where settings.writes(.connect, level, self.client, groups: groups) {
                #expect(settings.mayWrite(.connect, level, self.client))
            }
        }
    }
}
