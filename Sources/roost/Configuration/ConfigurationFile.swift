import Foundation
import Yams

/// The YAML configuration file: one mapping whose keys are the settings. A key that is not a setting is an error, for a slip in
/// a security setting must not pass unnoticed.
struct ConfigurationFile: Sendable {
    static let environmentName = "ROOST_CONFIG"
    static let maxBytes = 1_048_576

    let path: String
    let values: [Setting: String]

    init(path: String) throws {
        let path = ServerConfiguration.expandingHome(path, homeFolder: HomeFolder.path)
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(
                .configuration, "The configuration file \(path) cannot be read. Check that it exists and that you may read it.")
        }
        guard data.count <= Self.maxBytes, let text = String(data: data, encoding: .utf8) else {
            throw CommandFailure(
                .configuration, "The configuration file \(path) is not UTF-8 text of at most \(Self.maxBytes) bytes.")
        }
        try self.init(path: path, text: text)
    }

    init(path: String, text: String) throws {
        self.path = path
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw CommandFailure(.configuration, "The configuration file \(path) is not valid YAML: \(error)")
        }
        self.values = try root.map { try Self.settings(of: $0, path: path) } ?? [:]
    }

    private static func settings(of root: Node, path: String) throws -> [Setting: String] {
        // An empty document, or one of comments only, composes to an empty scalar.
        if let scalar = root.scalar, scalar.string.isEmpty { return [:] }
        guard let mapping = root.mapping else {
            throw CommandFailure(.configuration, "The configuration file \(path) must be a mapping of keys to values.")
        }
        var values: [Setting: String] = [:]
        for (key, value) in mapping {
            let name = key.string ?? ""
            if let section = value.mapping, Setting.sections.contains(name) {
                try self.read(section, named: name + ".", path: path, into: &values)
            } else {
                try self.read(value, named: name, path: path, into: &values)
            }
        }
        return values
    }

    private static func read(_ section: Node.Mapping, named prefix: String, path: String, into values: inout [Setting: String]) throws {
        for (key, value) in section { try self.read(value, named: prefix + (key.string ?? ""), path: path, into: &values) }
    }

    private static func read(_ value: Node, named name: String, path: String, into values: inout [Setting: String]) throws {
        // An empty section sets nothing.
        if Setting.sections.contains(name), value.scalar.map({ ["", "null", "~"].contains($0.string) }) ?? false { return }
        guard let setting = Setting(rawValue: name) else {
            throw CommandFailure(
                .configuration, "\(path) holds the unknown key “\(name)”. The known keys are: \(Setting.knownNames).")
        }
        guard let scalar = value.scalar else {
            throw CommandFailure(.configuration, "The key \(name) in \(path) must have one plain value.")
        }
        if !scalar.string.isEmpty, scalar.string != "null", scalar.string != "~" {
            values[setting] = scalar.string
        }
    }
}
