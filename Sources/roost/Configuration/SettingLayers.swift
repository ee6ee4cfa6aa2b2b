/// The settings of one run: flag over environment over file over default.
struct SettingLayers: Sendable {
    private var values: [Setting: SettingValue] = [:]

    /// - Parameters:
    ///   - flags: what the command line gave.
    ///   - environment: the process's environment; an empty variable counts as unset.
    ///   - file: what the configuration file gave.
    init(flags: [Setting: String], environment: [String: String], file: ConfigurationFile?) {
        for setting in Setting.allCases {
            if let text = flags[setting] {
                self.values[setting] = SettingValue(text: text, source: .flag)
            } else if let text = environment[setting.environmentName], !text.isEmpty {
                self.values[setting] = SettingValue(text: text, source: .environment)
            } else if let file, let text = file.values[setting] {
                self.values[setting] = SettingValue(text: text, source: .file(path: file.path))
            }
        }
    }

    /// Variables that begin with `ROOST_` and mean nothing: most likely a slip, so the caller warns of them.
    static func unknownVariables(in environment: [String: String]) -> [String] {
        let known = Set(Setting.allCases.map(\.environmentName) + [ConfigurationFile.environmentName])
        return environment.keys.filter { $0.hasPrefix(Setting.environmentPrefix) && !known.contains($0) }.sorted()
    }

    func value(_ setting: Setting) -> SettingValue? {
        self.values[setting]
    }

    func text(_ setting: Setting, default fallback: String) -> String {
        self.values[setting]?.text ?? fallback
    }

    /// `true`, `yes`, `on`, `1` and their opposites.
    func flag(_ setting: Setting) throws -> Bool {
        guard let value = self.values[setting] else { return false }
        switch value.text.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default: throw Self.wrong(setting, value, "is neither true nor false")
        }
    }

    /// A port from 0 (the system chooses) to 65535, or nil for `off`.
    func port(_ setting: Setting, default fallback: Int?) throws -> Int? {
        guard let value = self.values[setting] else { return fallback }
        if ["off", "none"].contains(value.text.lowercased()) { return nil }
        guard let port = Int(value.text), (0...65_535).contains(port) else {
            throw Self.wrong(setting, value, "is not a port: give 0 to 65535 (0 lets the system choose) or off")
        }
        return port
    }

    func integer(_ setting: Setting, in range: ClosedRange<Int>, default fallback: Int) throws -> Int {
        try self.optionalInteger(setting, in: range) ?? fallback
    }

    func optionalInteger(_ setting: Setting, in range: ClosedRange<Int>) throws -> Int? {
        guard let value = self.values[setting] else { return nil }
        guard let number = Int(value.text), range.contains(number) else {
            throw Self.wrong(setting, value, "is not a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func choice<Choice: RawRepresentable & CaseIterable>(_ setting: Setting, default fallback: Choice) throws -> Choice
    where Choice.RawValue == String {
        guard let value = self.values[setting] else { return fallback }
        guard let choice = Choice(rawValue: value.text.lowercased()) else {
            let known = Choice.allCases.map { $0.rawValue }.joined(separator: ", ")
            throw Self.wrong(setting, value, "is not one of: \(known)")
        }
        return choice
    }

    static func wrong(_ setting: Setting, _ value: SettingValue, _ complaint: String) -> CommandFailure {
        CommandFailure(.configuration, "“\(value.text)”, from \(value.source.name(of: setting)), \(complaint).")
    }
}
