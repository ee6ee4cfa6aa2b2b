import AWSAPI
import ArgumentParser

struct DeviceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device", abstract: "Set up devices.", subcommands: [CreateDeviceCommand.self])
}

struct CreateDeviceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a thing, a certificate with its key and a policy, and print a line to connect with.",
        discussion: """
            Without --policy the device may connect under its own name, and publish and subscribe to NAME, NAME/... and \
            $aws/things/NAME/... Run again with the same folder, it makes what is missing and overwrites nothing.
            """)

    @Argument(help: "Name of the thing, which is also the client id: letters, digits, and - _ :")
    var name: String

    @Option(help: ArgumentHelp("Policy document (JSON).", valueName: "file"))
    var policy: String?

    @Option(help: ArgumentHelp("Folder for the device's files. Default: ./NAME", valueName: "dir"))
    var out: String?

    @OptionGroup
    var server: RunningServerOptions

    func run() async throws {
        try await reportingFailures {
            try self.checkName()
            let endpoints = try self.server.endpoints()
            let policy =
                try self.policy.map { try DevicePolicy.own(file: $0, device: self.name) }
                ?? .standard(region: endpoints.region, account: endpoints.account)
            let folder = ServerConfiguration.expandingHome(
                self.out ?? self.name.replacing(":", with: "_"), homeFolder: HomeFolder.path)
            let files = DeviceFiles(name: self.name, folder: folder)
            do {
                try await endpoints.withClient { try await self.create(policy, files: files, endpoints: endpoints, client: $0) }
            } catch {
                throw Self.failure(error)
            }
            self.report(files, endpoints: endpoints, policy: policy)
        }
    }

    private func checkName() throws {
        guard self.name.utf8.count <= 128, InputPattern.thingName.matches(self.name) else {
            throw CommandFailure(
                .usage, "“\(self.name)” is not a name for a thing: give 1 to 128 letters, digits and the characters - _ :")
        }
    }

    private func create(_ policy: DevicePolicy, files: DeviceFiles, endpoints: Endpoints, client: AWSClient) async throws {
        let setup = DeviceSetup(client: client, name: self.name)
        // What can be refused comes first, so that a refusal leaves nothing behind.
        let found = try files.look()
        try await setup.makePolicy(policy)
        try await setup.makeThing()
        let certificate =
            switch found {
            case .nothing: try await setup.makeCertificate(files)
            case .device(let id): try await setup.findCertificate(id, files: files)
            }
        try files.copyCA(from: endpoints.caFile)
        try await setup.attach(certificate, to: policy)
    }

    private static func failure(_ error: any Error) -> CommandFailure {
        switch error {
        case let failure as CommandFailure: failure
        case let error as AWSClientError: CommandFailure(.unavailable, "\(error).")
        default: CommandFailure(.software, "The device could not be set up: \(error).")
        }
    }

    private func report(_ files: DeviceFiles, endpoints: Endpoints, policy: DevicePolicy) {
        print("Made the device \(self.name) with the policy \(policy.name):")
        print("  certificate  \(files.certificatePath)")
        print("  private key  \(files.keyPath)")
        print("  server's CA  \(files.caPath)")
        guard let address = endpoints.mqtts, let colon = address.lastIndex(of: ":") else {
            print("The server has its MQTT port off: start it with --mqtts-port to let the device connect.")
            return
        }
        let words = [
            "mosquitto_pub", "--cafile", files.caPath, "--cert", files.certificatePath, "--key", files.keyPath,
            "-h", String(address[..<colon]), "-p", String(address[colon...].dropFirst()), "-i", self.name, "-q", "1",
            "-t", "\(self.name)/hello", "-m", "hello",
        ]
        print("Connect with:")
        print("  " + words.map(ShellText.quoted).joined(separator: " "))
    }
}
