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

    /// - Throws: errors of the file system and of the network.
    func launch(_ record: FunctionRecord) async throws -> FunctionInstance {
        let folder = try self.code.unpacked(record.codeID, of: record.name)
        let server = try await RuntimeAPIServer(group: self.group, maxBodyBytes: self.limits.maxPayloadBytes + 1)
        let instance = FunctionInstance(key: record.instanceKey, memoryMegabytes: record.memoryMegabytes, limits: self.limits)
        let api = RuntimeAPI(instance: instance, limits: self.limits)
        let configuration = self.configuration(record, folder: folder, port: server.port, instance: instance)
        Task {
            await withTaskGroup(of: Void.self) { tasks in
                tasks.addTask { await server.run { await api.answer($0) } }
                tasks.addTask { await self.watch(instance) }
                await instance.exited(await self.run(configuration, instance))
                tasks.cancelAll()
            }
        }
        return instance
    }

    /// - Returns: how the process ended.
    private func run(_ configuration: Configuration, _ instance: FunctionInstance) async -> String {
        do {
            let result = try await Subprocess.run(
                configuration, input: .none, output: .sequence, error: .combinedWithOutput
            ) { execution in
                let pid = execution.processIdentifier.value
                self.register.add(pid)
                defer { self.register.remove(pid) }
                await instance.started(pid)
                for try await part in execution.standardOutput {
                    await instance.wrote(part.withUnsafeBytes { Array($0) })
                }
            }
            switch result.terminationStatus {
            case .exited(let code): return "exit status \(code)"
            case .signaled(let signal): return "signal: \(signal)"
            }
        } catch {
            return "\(error)"
        }
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
