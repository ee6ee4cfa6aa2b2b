import ArgumentParser
import Testing

@testable import roost

@Suite("Settings: flag over environment over file over default")
struct SettingLayersTests {
    @Test("each setting is one that the configuration reads")
    func samplesAreComplete() {
        #expect(SettingSample.all.map(\.setting) == Setting.allCases)
    }

    @Test("each setting is taken from each layer", arguments: SettingSample.all)
    func eachLayer(_ sample: SettingSample) throws {
        let fallback = try sample.shown(configuration())
        #expect(fallback != sample.expected, "the sample must differ from the default")
        let flag = try configuration(flags: [sample.setting: sample.text])
        #expect(sample.shown(flag) == sample.expected)
        let variable = try configuration(environment: [sample.setting.environmentName: sample.text])
        #expect(sample.shown(variable) == sample.expected)
        let key = try configuration(yaml: "\(sample.setting.rawValue): '\(sample.text)'\n")
        #expect(sample.shown(key) == sample.expected)
    }

    @Test("each setting is a flag of the command line", arguments: SettingSample.all.filter { $0.setting.isFlag })
    func eachFlag(_ sample: SettingSample) throws {
        // A Boolean one takes no value.
        let words = [sample.setting.flagName] + (sample.text == "true" ? [] : [sample.text])
        #expect(try ServeOptions.parse(words).flags == [sample.setting: sample.text])
    }

    @Test("nothing on the command line sets nothing, and a Boolean flag has an opposite")
    func noFlags() throws {
        #expect(try ServeOptions.parse([]).flags.isEmpty)
        #expect(try ServeOptions.parse(["--no-ephemeral"]).flags == [.ephemeral: "false"])
        let options = try ServeOptions.parse(["--no-enforce-rates"])
        #expect(try !configuration(flags: options.flags, environment: ["ROOST_ENFORCE_RATES": "1"]).enforceRates)
    }

    @Test("the higher layer wins")
    func precedence() throws {
        let yaml = "region: from-file\naccount: '111111111111'\nlisten: '::1'\n"
        let environment = ["ROOST_REGION": "from-environment", "ROOST_ACCOUNT": "222222222222"]
        let found = try configuration(flags: [.region: "from-flag"], environment: environment, yaml: yaml)
        #expect(found.region == "from-flag")
        #expect(found.account == "222222222222")
        #expect(found.listen == "::1")
        #expect(found.apiPort == 4566)
    }

    @Test("an empty variable counts as unset, an empty flag does not")
    func empty() throws {
        #expect(try configuration(environment: ["ROOST_REGION": ""], yaml: "region: from-file").region == "from-file")
        expectComplaint("--region on the command line") { try configuration(flags: [.region: ""]) }
    }

    @Test("a complaint names the place that the value came from")
    func complaints() {
        expectComplaint("“x”", "--api-port on the command line") { try configuration(flags: [.apiPort: "x"]) }
        expectComplaint("“x”", "the environment variable ROOST_API_PORT") { try configuration(environment: ["ROOST_API_PORT": "x"]) }
        expectComplaint("“x”", "api-port in /etc/roost.yaml") { try configuration(yaml: "api-port: x") }
    }

    @Test("a layer below is not checked where one above speaks")
    func hiddenMistakes() throws {
        #expect(try configuration(flags: [.apiPort: "1"], environment: ["ROOST_API_PORT": "x"]).apiPort == 1)
    }

    @Test("variables that mean nothing are found")
    func unknownVariables() {
        let environment = ["ROOST_API_PRT": "1", "ROOST_API_PORT": "1", "ROOST_CONFIG": "f", "PATH": "/bin", "ROOST_": "", "roost_x": ""]
        #expect(SettingLayers.unknownVariables(in: environment) == ["ROOST_", "ROOST_API_PRT"])
    }

    @Test("names follow one rule")
    func names() {
        #expect(Setting.maxConnectionsPerAddress.environmentName == "ROOST_MAX_CONNECTIONS_PER_ADDRESS")
        #expect(Setting.allowPlainHTTP.flagName == "--allow-plain-http")
        for setting in Setting.allCases { #expect(Setting.knownNames.contains(setting.rawValue)) }
    }
}
