import ArgumentParser
import Foundation
import Testing

@testable import roost

@Suite("The configuration file")
struct ConfigurationFileTests {
    private static func values(_ text: String) throws -> [Setting: String] {
        try ConfigurationFile(path: "/etc/roost.yaml", text: text).values
    }

    @Test("every key is one line of YAML, quoted or not")
    func everyKey() throws {
        let plain = SettingSample.all.map { "\($0.setting.rawValue): \($0.text)" }.joined(separator: "\n")
        let quoted = SettingSample.all.map { "\"\($0.setting.rawValue)\": \"\($0.text)\"" }.joined(separator: "\n")
        let expected = Dictionary(uniqueKeysWithValues: SettingSample.all.map { ($0.setting, $0.text) })
        #expect(try Self.values(plain) == expected)
        #expect(try Self.values("# a comment\n---\n" + quoted + "\n") == expected)
        let found = try configuration(yaml: plain)
        for sample in SettingSample.all { #expect(sample.shown(found) == sample.expected) }
    }

    @Test("values are taken as they are written: zeros in front stay, Booleans and numbers need no quotes")
    func writtenForm() throws {
        #expect(try Self.values("account: 000000000012") == [.account: "000000000012"])
        #expect(try Self.values("{api-port: 0, ephemeral: yes}") == [.apiPort: "0", .ephemeral: "yes"])
        #expect(try Self.values("data: &here /srv/a\nanonymous-policy: *here") == [.data: "/srv/a", .anonymousPolicy: "/srv/a"])
    }

    @Test(
        "a file without settings sets nothing",
        arguments: ["", "\n", "# only a comment\n", "---\n", "{}", "region:\ndata: ~\nprofile: null\nlisten: ''"])
    func empty(_ text: String) throws {
        #expect(try Self.values(text).isEmpty)
    }

    @Test("an unknown key is refused with the ones that there are")
    func unknownKey() {
        expectComplaint("/etc/roost.yaml", "unknown key “api_port”", "api-port", "trust-any-credentials") {
            try Self.values("region: eu-west-1\napi_port: 1")
        }
        expectComplaint("unknown key “Region”") { try Self.values("Region: eu-west-1") }
        expectComplaint("unknown key “”") { try Self.values("[a]: b") }
        expectComplaint("unknown key “config”") { try Self.values("config: other.yaml") }
    }

    @Test("a value that is not plain is refused", arguments: ["[4566]", "{port: 4566}", "\n  - 4566", "\n  port: 4566"])
    func notPlain(_ value: String) {
        expectComplaint("The key api-port in /etc/roost.yaml must have one plain value") { try Self.values("api-port: \(value)") }
    }

    @Test("what is not one mapping is refused", arguments: ["- region", "region", "4566", "[region, eu-west-1]"])
    func noMapping(_ text: String) {
        expectComplaint("/etc/roost.yaml must be a mapping") { try Self.values(text) }
    }

    @Test(
        "what is not YAML is refused with its place",
        arguments: ["region: [eu", "region: 'eu", "region: a\nregion: b", "region: a\n---\nregion: b", "\tregion: a", "region: *nowhere"])
    func notYAML(_ text: String) {
        expectComplaint("/etc/roost.yaml is not valid YAML") { try Self.values(text) }
    }

    @Test("a file that cannot be read, is too large or no text is refused with its path")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/roost-configuration-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/roost.yaml"
        expectComplaint(path, "cannot be read") { try ConfigurationFile(path: path) }
        expectComplaint(folder, "cannot be read") { try ConfigurationFile(path: folder) }
        expectComplaint(HomeFolder.path + "/no-such-\(folder.hashValue)") { try ConfigurationFile(path: "~/no-such-\(folder.hashValue)") }
        func write(_ data: Data) throws { try data.write(to: URL(fileURLWithPath: path)) }
        try write(Data([0x72, 0xFF, 0xFE]))
        expectComplaint(path, "is not UTF-8 text") { try ConfigurationFile(path: path) }
        try write(Data(repeating: UInt8(ascii: "#"), count: ConfigurationFile.maxBytes + 1))
        expectComplaint(path, "\(ConfigurationFile.maxBytes) bytes") { try ConfigurationFile(path: path) }
        try write(Data(repeating: UInt8(ascii: "#"), count: ConfigurationFile.maxBytes))
        #expect(try ConfigurationFile(path: path).values.isEmpty)
        try write(Data("region: eu-west-1".utf8))
        let layers = try ServeOptions.parse(["--config", path, "--account", "123456789012"]).layers(environment: [:])
        #expect(layers.value(.region) == SettingValue(text: "eu-west-1", source: .file(path: path)))
        #expect(layers.value(.account)?.source == .flag)
        #expect(try ServeOptions.parse([]).layers(environment: ["ROOST_CONFIG": path]).value(.region)?.text == "eu-west-1")
        #expect(try ServeOptions.parse([]).layers(environment: ["ROOST_CONFIG": ""]).value(.region) == nil)
    }
}
