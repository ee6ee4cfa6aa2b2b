import Foundation
import JSON

/// Where a running server is reached, and with which key: the content of `endpoints.json` (design section 7). What is off is null.
struct Endpoints: Sendable, Equatable {
    static let fileName = "endpoints.json"
    static let maxBytes = 65_536

    var pid: Int
    var account: String
    var region: String
    /// URL.
    var api: String
    /// `host:port`.
    var mqtts: String?
    /// URL.
    var https: String?
    /// `host:port`.
    var mqtt: String?
    /// URL.
    var console: String?
    var accessKeyID: String
    var secretAccessKey: String
    var caFile: String
}

extension Endpoints {
    var json: JSONObject {
        func text(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }
        return [
            "pid": .int(Int64(self.pid)), "account": .string(self.account), "region": .string(self.region), "api": .string(self.api),
            "mqtts": text(self.mqtts), "https": text(self.https), "mqtt": text(self.mqtt), "console": text(self.console),
            "accessKeyId": .string(self.accessKeyID), "secretAccessKey": .string(self.secretAccessKey), "caFile": .string(self.caFile),
        ]
    }

    init?(json: JSONValue) {
        guard let pid = json["pid"]?.intValue, let account = json["account"]?.stringValue, let region = json["region"]?.stringValue,
            let api = json["api"]?.stringValue, let id = json["accessKeyId"]?.stringValue,
            let secret = json["secretAccessKey"]?.stringValue, let caFile = json["caFile"]?.stringValue
        else { return nil }
        self.init(
            pid: Int(pid), account: account, region: region, api: api, mqtts: json["mqtts"]?.stringValue,
            https: json["https"]?.stringValue, mqtt: json["mqtt"]?.stringValue, console: json["console"]?.stringValue, accessKeyID: id,
            secretAccessKey: secret, caFile: caFile)
    }

    /// Writes the file whole or not at all, readable by its owner only: it holds the secret key.
    func write(folder: String) throws {
        let path = "\(folder)/\(Self.fileName)"
        let temporary = "\(path).\(self.pid).tmp"
        let text = JSONValue.object(self.json).prettyPrinted() + "\n"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard descriptor >= 0 else { throw Self.failure("make", temporary) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: Data(text.utf8))
            try handle.close()
        } catch {
            unlink(temporary)
            throw CommandFailure(.cannotCreate, "\(temporary) cannot be written: \(error).")
        }
        guard rename(temporary, path) == 0 else {
            unlink(temporary)
            throw Self.failure("write", path)
        }
    }

    /// Removes the file when it is still this server's.
    func remove(folder: String) {
        let path = "\(folder)/\(Self.fileName)"
        if let found = try? Self.read(folder: folder), found.pid == self.pid { unlink(path) }
    }

    /// - Throws: `CommandFailure` when there is no such file, or it is not what a server writes.
    static func read(folder: String) throws -> Endpoints {
        let path = "\(folder)/\(Self.fileName)"
        guard let data = FileManager.default.contents(atPath: path), data.count <= Self.maxBytes else {
            throw CommandFailure(
                .unavailable,
                "No server runs on \(folder): there is no \(path). Start one with `roost serve`, or name its folder with --data.")
        }
        guard let json = try? JSONValue(parsing: [UInt8](data)), let endpoints = Endpoints(json: json) else {
            throw CommandFailure(.unavailable, "\(path) is not what `roost serve` writes. Start the server again.")
        }
        return endpoints
    }

    /// The endpoints of a server that runs now: the file of one that was killed stays behind.
    static func ofRunningServer(folder: String) throws -> Endpoints {
        let endpoints = try Self.read(folder: folder)
        guard kill(pid_t(truncatingIfNeeded: endpoints.pid), 0) == 0 || errno == EPERM else {
            throw CommandFailure(
                .unavailable,
                "The server that wrote \(folder)/\(Self.fileName) (process \(endpoints.pid)) has ended. "
                    + "Start it again with `roost serve`.")
        }
        return endpoints
    }

    private static func failure(_ verb: String, _ path: String) -> CommandFailure {
        CommandFailure(.cannotCreate, "Cannot \(verb) \(path): \(String(cString: strerror(errno))).")
    }
}
