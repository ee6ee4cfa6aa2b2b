import Foundation
import Logging
import NIOCore
import Subprocess
import SystemPackage

/// Starts instances: the Runtime API's server, the process, and who watches it.
struct InstanceLauncher: Sendable {
    let code: CodeStore
    let register: InstanceRegister
    let group: any EventLoopGroup
    let limits: FunctionLimits
    let settings: FunctionSettings
    let region: String
    /// What the instance needs to call this server: AWS_ENDPOINT_URL and the like.
    let serverEnvironment: @Sendable () -> [String: String]
    let logger: Logger

    /// - Parameter ended: told when the process is gone, once for each instance.
    /// - Throws: errors of the file system and of the network.
    func launch(_ record: FunctionRecord, ended: @escaping @Sendable (FunctionInstance) async -> Void) async throws -> FunctionInstance {
        let folder = try await self.code.unpacked(record.codeID)
        let output = try OutputPipe(maxBytes: self.limits.maxLogBytes)
        let server = try await RuntimeAPIServer(group: self.group, maxBodyBytes: self.limits.maxPayloadBytes)
        let instance = FunctionInstance(of: record, output: output, limits: self.limits)
        let api = RuntimeAPI(instance: instance, limits: self.limits)
        let configuration = self.configuration(record, folder: folder, port: server.port, instance: instance)
        Task {
            await withTaskGroup(of: Void.self) { tasks in
                tasks.addTask { await server.run(api) }
                tasks.addTask { await self.watch(instance) }
                await instance.exited(await self.run(configuration, instance, of: record))
                await ended(instance)
                tasks.cancelAll()
            }
        }
        return instance
    }

    /// - Returns: how the process ended.
    private func run(_ configuration: Configuration, _ instance: FunctionInstance, of record: FunctionRecord) async -> InvocationOutcome {
        let output = instance.output
        defer { output.close() }
        if let problem = Self.problem(with: configuration, record) { return .cannotStart(problem) }
        var group: Int32?
        do {
            let descriptor = FileDescriptor(rawValue: output.writeEnd)
            let result = try await Subprocess.run(
                configuration, input: .none, output: .fileDescriptor(descriptor, closeAfterSpawningProcess: false),
                error: .combinedWithOutput
            ) { execution in
                let pid = execution.processIdentifier.value
                group = pid
                output.closeWriteEnd()
                self.register.add(pid)
                await instance.started(pid)
            }
            // What it started and left behind: nobody else can have the number while one of them is there.
            if let group {
                kill(-group, SIGKILL)
                self.register.remove(group)
            }
            return Self.outcome(result.terminationStatus, output)
        } catch {
            if let group {
                kill(-group, SIGKILL)
                self.register.remove(group)
            }
            return .cannotStart("\(Self.name(of: record, self.settings)) cannot be started: \(error)")
        }
    }

    private static func outcome(_ status: TerminationStatus, _ output: OutputPipe) -> InvocationOutcome {
        if output.contains("No module named awslambdaric") {
            return .cannotStart(
                "The Python interpreter of functions has no awslambdaric: install it there with pip install awslambdaric, or name another "
                    + "interpreter in the setting functions.python")
        }
        switch status {
        case .exited(let code): return .exited("Runtime exited with error: exit status \(code)")
        case .signaled(let signal): return .exited("Runtime exited with error: signal: \(signal)")
        }
    }

    /// What can be said before the system refuses, in Lambda's words.
    private static func problem(with configuration: Configuration, _ record: FunctionRecord) -> String? {
        guard !record.runtime.isPython, let folder = configuration.workingDirectory else { return nil }
        let path = "\(folder)/bootstrap"
        if !FileManager.default.fileExists(atPath: path) { return "Couldn't find valid bootstrap(s): [bootstrap]" }
        return FileManager.default.isExecutableFile(atPath: path) ? nil : "fork/exec bootstrap: permission denied"
    }

    private static func name(of record: FunctionRecord, _ settings: FunctionSettings) -> String {
        record.runtime.isPython ? "The Python interpreter of functions (setting functions.python), \(settings.python)," : "bootstrap"
    }

    private func watch(_ instance: FunctionInstance) async {
        while !Task.isCancelled {
            await instance.watch()
            try? await Task.sleep(for: self.limits.memoryCheckPeriod)
        }
    }

    // MARK: The process

    private func configuration(_ record: FunctionRecord, folder: String, port: Int, instance: FunctionInstance) -> Configuration {
        var options = PlatformOptions()
        // A group of its own, so that all it starts ends with it.
        options.processGroupID = 0
        var environment: [Environment.Key: String] = [:]
        for (name, value) in self.environment(record, folder: folder, port: port, instance: instance) {
            environment[Environment.Key(stringLiteral: name)] = value
        }
        let executable: Executable =
            if record.runtime.isPython {
                self.settings.python.contains("/") ? .path(FilePath(self.settings.python)) : .name(self.settings.python)
            } else {
                .path(FilePath("\(folder)/bootstrap"))
            }
        return Configuration(
            executable: executable, arguments: record.runtime.isPython ? ["-m", "awslambdaric", record.handler] : [],
            environment: .custom(environment), workingDirectory: FilePath(folder), platformOptions: options)
    }

    /// As Lambda sets it, and nothing of the server's own but what programs need to be found.
    private func environment(_ record: FunctionRecord, folder: String, port: Int, instance: FunctionInstance) -> [String: String] {
        let own = ProcessInfo.processInfo.environment
        var environment = self.serverEnvironment()
        for name in ["PATH", "HOME", "LANG", "TMPDIR"] { environment[name] = own[name] }
        environment["AWS_LAMBDA_RUNTIME_API"] = "127.0.0.1:\(port)"
        environment["AWS_LAMBDA_FUNCTION_NAME"] = record.name
        environment["AWS_LAMBDA_FUNCTION_VERSION"] = FunctionName.latest
        environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = String(record.memoryMegabytes)
        environment["AWS_LAMBDA_LOG_GROUP_NAME"] = record.logGroup
        environment["AWS_LAMBDA_LOG_STREAM_NAME"] = FunctionLog.stream(of: instance.id)
        environment["AWS_LAMBDA_INITIALIZATION_TYPE"] = "on-demand"
        environment["AWS_EXECUTION_ENV"] = "AWS_Lambda_\(record.runtime.rawValue)"
        environment["AWS_REGION"] = self.region
        environment["AWS_DEFAULT_REGION"] = self.region
        environment["LAMBDA_TASK_ROOT"] = folder
        environment["_HANDLER"] = record.handler
        if record.runtime.isPython { environment["PYTHONPATH"] = folder }
        // Output is a pipe here, in which lines would wait.
        if record.runtime.isPython { environment["PYTHONUNBUFFERED"] = "1" }
        environment.merge(record.environment) { _, functions in functions }
        return environment
    }
}
