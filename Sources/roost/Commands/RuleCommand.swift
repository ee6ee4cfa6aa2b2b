import ArgumentParser
import Foundation
import Rules

struct RuleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rule", abstract: "Work with rules.", subcommands: [TestRuleCommand.self])
}

/// Tries a rule's statement, or a substitution template, on one message: no server, no device.
struct TestRuleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Try a rule's SQL on one message.",
        discussion: """
            Prints what the rule's actions would be given, exactly and without a line's end. Exits with 0; with 1 when the rule does not \
            take the message, and says why; with 2 when the statement or the template is refused, and says where. FROM is not held against \
            the topic. Functions that ask other services fail here.
            """)

    @Option(help: "The statement.")
    var sql: String

    @Option(help: ArgumentHelp("2015-10-08, 2016-03-23 or beta. Default: 2016-03-23", valueName: "version"))
    var sqlVersion: String?

    @OptionGroup
    var message: RuleMessageOptions

    @Option(help: ArgumentHelp("Print the value of this substitution template for the message instead.", valueName: "text"))
    var template: String?

    /// What a run ends with.
    private enum Status {
        static let noResult: Int32 = 1
        static let refused: Int32 = 2
    }

    func run() throws {
        let version = try self.version()
        let statement = try Self.refusing { () throws(SQLError) in try SQLStatement(parsing: self.sql, version: version) }
        let template = try self.template.map { text in
            try Self.refusing { () throws(SQLError) in try SubstitutionTemplate(parsing: text, in: statement) }
        }
        let message = try self.message.message()
        for warning in statement.warnings { Self.complain("warning: \(warning)") }
        let result = statement.evaluate(message)
        if let problem = result.payloadError { Self.complain("The payload is no JSON, so its fields are Undefined: \(problem)") }
        guard let template else { return try self.print(result.outcome) }
        let variables: SQLVariables = if case .output(let output) = result.outcome { output.variables } else { .none }
        do {
            Self.write(Array(try template.evaluate(message, variables: variables).utf8))
        } catch {
            try Self.end(Status.noResult, "The template has no value: \(error)")
        }
    }

    private func version() throws -> SQLVersion {
        guard let text = self.sqlVersion else { return .v2016 }
        guard let version = SQLVersion(rawValue: text) else {
            throw ValidationError("--sql-version \(text): there are \(SQLVersion.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return version
    }

    private func print(_ outcome: SQLOutcome) throws {
        switch outcome {
        case .output(let output): Self.write(output.bytes)
        case .noMatch(let reason): try Self.end(Status.noResult, "The rule does not take the message: \(reason).")
        case .failed(let failure): try Self.end(Status.noResult, "The statement has no result: \(failure)")
        }
    }

    // MARK: Ends

    private static func refusing<Value>(_ parse: () throws(SQLError) -> Value) throws -> Value {
        do {
            return try parse()
        } catch {
            self.complain("\(error)")
            throw ExitCode(Status.refused)
        }
    }

    private static func end(_ status: Int32, _ reason: String) throws -> Never {
        self.complain(reason)
        throw ExitCode(status)
    }

    private static func write(_ bytes: [UInt8]) { FileHandle.standardOutput.write(Data(bytes)) }

    private static func complain(_ text: String) { FileHandle.standardError.write(Data("roost: \(text)\n".utf8)) }
}
