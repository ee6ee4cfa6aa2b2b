import AWSAPI
import Foundation
import JSON
import Storage

/// `StartExecution`: keeps the input. A rule makes the state machine that it names.
struct StartExecution: AWSOperation {
    static let route = OperationRoute(.states, "StartExecution")
    static let maxNameCharacters = 80
    static let maxInputBytes = 262_144

    struct Input: OperationDecodable {
        let stateMachineARN: String
        let name: String
        let input: String

        init(_ input: OperationInput) throws {
            self.stateMachineARN = try input.string("stateMachineArn", max: 256)
            let name = try input.optionalString("name") ?? UUID().uuidString.lowercased()
            guard (1...StartExecution.maxNameCharacters).contains(name.count),
                !name.contains(where: { " \t\n<>{}[]?*\"#%\\^|~`$&,;:/".contains($0) })
            else { throw AWSError(name: "InvalidName", status: 400, message: "Invalid Name: '\(name.prefix(256))'") }
            self.name = name
            self.input = try input.optionalString("input") ?? "{}"
            guard self.input.utf8.count <= StartExecution.maxInputBytes, (try? JSONValue(parsing: self.input)) != nil else {
                throw AWSError(
                    name: "InvalidExecutionInput", status: 400,
                    message: "Invalid State Machine Execution Input: it has to be JSON of at most \(StartExecution.maxInputBytes) bytes")
            }
        }
    }

    let states: StatesService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let machine = try self.states.machine(input.stateMachineARN)
        let now = self.states.clock()
        let arn = self.states.executionARN(machine, input.name)
        let caller = context.caller
        let record = TargetRecord(
            key: input.name, time: now, attributes: ["executionArn": .string(arn)], body: Array(input.input.utf8))
        try await self.states.target.store.write { [states] connection in
            let log = states.target.log(connection)
            try log.require(
                machine, kind: StatesService.kind, for: caller, at: now, missing: states.machineDoesNotExist(input.stateMachineARN),
                full: AWSError(
                    name: "ExecutionLimitExceeded", status: 400,
                    message: "There are \(states.target.limits.maxTargets) state machines already."))
            guard try log.find(input.name, in: machine) == nil else {
                throw AWSError(name: "ExecutionAlreadyExists", status: 400, message: "Execution Already Exists: '\(arn)'")
            }
            try log.append([record], to: machine)
        }
        return ["executionArn": .string(arn), "startDate": StatesService.seconds(now)]
    }
}

/// `DescribeExecution`.
struct DescribeExecution: AWSOperation {
    static let route = OperationRoute(.states, "DescribeExecution")

    struct Input: OperationDecodable {
        let executionARN: String

        init(_ input: OperationInput) throws { self.executionARN = try input.string("executionArn", max: 256) }
    }

    let states: StatesService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let (machine, name) = try self.states.execution(input.executionARN)
        guard let record = try await self.states.target.record(of: machine, key: name) else {
            throw AWSError(
                name: "ExecutionDoesNotExist", status: 400, message: "Execution Does Not Exist: '\(input.executionARN)'")
        }
        var answer = self.states.described(record, machine: machine)
        answer["input"] = .string(String(decoding: record.body, as: UTF8.self))
        answer["inputDetails"] = ["included": true]
        answer["error"] = .string(StatesService.error)
        answer["cause"] = .string(StatesService.cause)
        return answer
    }
}

/// `ListExecutions`: the newest first.
struct ListExecutions: AWSOperation {
    static let route = OperationRoute(.states, "ListExecutions")

    struct Input: OperationDecodable {
        let stateMachineARN: String
        let statusFilter: String?
        let maxResults: Int
        let nextToken: String?

        init(_ input: OperationInput) throws {
            self.stateMachineARN = try input.string("stateMachineArn", max: 256)
            self.statusFilter = try input.optionalString("statusFilter")
            let maxResults = try input.optionalInt("maxResults", range: 0...1000) ?? 0
            self.maxResults = maxResults == 0 ? 100 : maxResults
            self.nextToken = try input.optionalString("nextToken")
        }
    }

    let states: StatesService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let machine = try self.states.machine(input.stateMachineARN)
        let query = [machine, input.statusFilter]
        let before = try context.pages.position(in: input.nextToken, query: query).flatMap { Int64($0) }
        let target = self.states.target
        let records = try await target.store.read { connection -> [TargetRecord]? in
            let log = target.log(connection)
            guard try log.entry(machine) != nil else { return nil }
            return try log.before(before ?? .max, of: machine, limit: input.maxResults + 1)
        }
        guard let records else { throw self.states.machineDoesNotExist(input.stateMachineARN) }
        guard input.statusFilter == nil || input.statusFilter == StatesService.status else { return ["executions": []] }
        let page = records.prefix(input.maxResults)
        var answer: JSONObject = ["executions": .array(page.map { .object(self.states.described($0, machine: machine)) })]
        if records.count > page.count, let last = page.last {
            answer["nextToken"] = .string(context.pages.token(after: String(last.position), query: query))
        }
        return answer
    }
}
