import Foundation
import Logging
import Shadows
import Testing

@testable import roost

@Suite("What the settings may be")
struct ServerConfigurationTests {
    @Test("the defaults are those that the help names")
    func defaults() throws {
        let found = try configuration()
        #expect(found.dataFolder == "/users/someone/.roost")
        #expect(!found.isEphemeral && !found.trustAnyCredentials && !found.enforceRates && !found.allowPlainHTTP)
        #expect(found.listen == "127.0.0.1")
        #expect(found.profile == .aws)
        #expect([found.apiPort, found.mqttsPort, found.httpsPort, found.mqttPort, found.consolePort] == [4566, 8883, 8443, nil, 8080])
        #expect(found.account == "000000000000" && found.region == "us-east-1")
        #expect(found.eventLoops == ProcessInfo.processInfo.activeProcessorCount)
        #expect(found.maxConnections == 500_000 && found.maxConnectionsPerAddress == 100_000)
        #expect(found.shadowHistory == 0 && found.shadowMaxLevels == nil && !found.shadowRequireThing)
        #expect(found.logFormat == .text && found.logLevel == .notice)
        #expect(found.anonymousPolicyFile == nil)
    }

    private static let ports: [Setting] = [.apiPort, .mqttsPort, .httpsPort, .mqttPort, .consolePort]

    @Test("a port is 0 to 65535", arguments: ports)
    func portRange(_ setting: Setting) throws {
        for text in ["0", "1", "65535"] { _ = try configuration(flags: [setting: text]) }
        for text in ["-1", "65536", "99999999999999999999", "80.0", "0x50", "8 0", "http", "true"] {
            expectComplaint("“\(text)”", setting.rawValue, "0 to 65535") { try configuration(flags: [setting: text]) }
        }
    }

    @Test("every port but that of the API may be off")
    func portsOff() throws {
        let found = try configuration(flags: [.mqttsPort: "off", .httpsPort: "OFF", .mqttPort: "none", .consolePort: "Off"])
        #expect([found.mqttsPort, found.httpsPort, found.mqttPort, found.consolePort] == [nil, nil, nil, nil])
        expectComplaint("api-port cannot be off") { try configuration(flags: [.apiPort: "off"]) }
    }

    private static let flags: [Setting] = [.ephemeral, .trustAnyCredentials, .enforceRates, .allowPlainHTTP, .shadowRequireThing]

    @Test("a Boolean is true or false in the words of YAML", arguments: flags)
    func booleans(_ setting: Setting) throws {
        let shown = try #require(SettingSample.all.first { $0.setting == setting }).shown
        func read(_ text: String) throws -> String { shown(try configuration(yaml: "\(setting.rawValue): \(text)")) }
        for text in ["true", "yes", "on", "1", "TRUE"] { #expect(try read(text) == "true") }
        for text in ["false", "no", "off", "0", "No"] { #expect(try read(text) == "false") }
        for text in ["2", "y", "enabled", "tru"] {
            expectComplaint("“\(text)”", "neither true nor false") { try read(text) }
        }
    }

    private static let numbers: [(Setting, ClosedRange<Int>)] = [
        (.eventLoops, 1...ServerConfiguration.maxEventLoops),
        (.maxConnections, 1...10_000_000), (.maxConnectionsPerAddress, 1...10_000_000),
        (.shadowHistory, 0...ShadowLimits.maxHistoryLength), (.shadowMaxLevels, 1...ShadowLimits.deepestLevels),
    ]

    @Test("a number is whole and in its range", arguments: numbers)
    func numberRange(_ setting: Setting, _ range: ClosedRange<Int>) throws {
        for number in [range.lowerBound, range.upperBound] { _ = try configuration(flags: [setting: "\(number)"]) }
        for text in ["\(range.lowerBound - 1)", "\(range.upperBound + 1)", "1.5", "1e3", "", "ten", "99999999999999999999"] {
            expectComplaint("\(range.lowerBound) to \(range.upperBound)", setting.flagName) { try configuration(flags: [setting: text]) }
        }
    }

    @Test("a choice is one of its words", arguments: [Setting.profile, .logFormat, .logLevel])
    func choices(_ setting: Setting) {
        expectComplaint("“other”", setting.rawValue, "is not one of: ") { try configuration(flags: [setting: "other"]) }
    }

    @Test("an account is twelve digits")
    func account() throws {
        for text in ["12345678901", "1234567890123", "12345678901a", "-12345678901", "１２３４５６７８９０１２"] {
            expectComplaint("“\(text)”", "12 digits") { try configuration(flags: [.account: text]) }
        }
    }

    @Test("a region is a name of lower-case letters, digits and hyphens")
    func region() throws {
        #expect(try configuration(flags: [.region: String(repeating: "a", count: 32)]).region.count == 32)
        for text in ["EU", "eu west", "eu/west", "eü", String(repeating: "a", count: 33)] {
            expectComplaint("“\(text)”", "is not a region") { try configuration(flags: [.region: text]) }
        }
    }

    @Test("paths are made absolute, and ~ is the home folder")
    func paths() throws {
        let here = FileManager.default.currentDirectoryPath
        for (text, path) in [
            ("~", "/users/someone"), ("~/x", "/users/someone/x"), ("/a/../b/./c/", "/b/c"), ("x", here + "/x"), ("./x", here + "/x"),
        ] {
            #expect(try configuration(flags: [.data: text]).dataFolder == path)
            #expect(try configuration(flags: [.anonymousPolicy: text]).anonymousPolicyFile == path)
        }
    }

    @Test("an ephemeral server has a folder only where one is named")
    func ephemeral() throws {
        #expect(try configuration(flags: [.ephemeral: "true"]).dataFolder == nil)
        #expect(try configuration(flags: [.ephemeral: "true", .data: "/srv/x"]).dataFolder == "/srv/x")
        #expect(try configuration(flags: [.ephemeral: "true"], yaml: "data: /srv/y").dataFolder == "/srv/y")
    }
}
