import JSON
import Testing

@testable import Rules

/// Random expressions of every kind, from a seed, so that a failure comes again.
struct ExpressionMaker {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed &* 2 &+ 1 }

    mutating func below(_ bound: Int) -> Int {
        // splitmix64
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(bound))
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[self.below(elements.count)] }

    private static let leaves = [
        "1", "0", "2.5", "-7", "1e20", "1E-999", "9.99E999", "'a'", "'12.5'", "''", "'true'", "\"q'\"", "NULL", "UNDEFINED", "TRUE",
        "false", "n", "d", "s",
        "num", "arr", "obj", "rows", "obj.b.c", "missing", "value", "big", "uni", "@v", "'\\d+'", "'(a|b)*'", "'yyyy-MM-dd HH:mm:ss z'",
        "'base64'",
    ]

    static let functions = FunctionTable.functions.keys.filter { ExternalFunction(rawValue: $0) == nil }.sorted()

    mutating func expression(depth: Int) -> String {
        if depth == 0 || self.below(5) == 0 { return self.pick(Self.leaves) }
        func next() -> String { self.expression(depth: depth - 1) }
        switch self.below(14) {
        case 0, 1: return "\(next()) \(self.pick(["+", "-", "*", "/", "%"])) \(next())"
        case 2: return "((\(next())) \(self.pick(["=", "<>", "<", "<=", ">", ">="])) (\(next())))"
        case 3: return "(\(next()) \(self.pick(["AND", "OR"])) \(next()))"
        case 4: return "(\(self.pick(["NOT", "-", "+"])) (\(next())))"
        case 5: return "[\(next()), \(next())]"
        case 6: return "{'k': \(next()), 'l': \(next())}"
        case 7: return "CASE \(next()) WHEN \(next()) THEN \(next()) ELSE \(next()) END"
        case 8: return "(SELECT \(self.pick(["", "VALUE "]))(\(next())) FROM (\(next())) AS e WHERE \(next()))"
        case 9: return "cast(\(next()) AS \(self.pick(["String", "Int", "Decimal", "Boolean"])))"
        case 10: return "((\(next())) \(self.pick(["IN", "NOT IN"])) (\(next())))"
        case 11: return "(\(next()))[\(next())].k"
        default:
            let name = self.pick(Self.functions)
            // With more arguments it is another function, which leaves the process.
            let count = name == "decode" ? 2 : self.below(4)
            let arguments = (0..<count).map { _ in self.below(12) == 0 ? "*" : next() }
            return "\(name)(\(arguments.joined(separator: ", ")))"
        }
    }
}

@Suite struct PropertyTests {
    /// Evaluating never traps and is the same again; what is printed reads back as the same tree and evaluates to the same.
    @Test(arguments: 0..<24) func anyStatementIsEvaluatedAndPrinted(_ seed: Int) throws {
        var maker = ExpressionMaker(seed: UInt64(seed))
        for _ in 0..<50 {
            let sql =
                "SET @v = \(maker.pick(["n", "arr", "'x'", "obj"])) SELECT (\(maker.expression(depth: 4))) AS x, * FROM 'a' WHERE true"
            let statement = try SQLStatement(parsing: sql, version: .v2016)
            let again = try SQLStatement(parsing: statement.description, version: .v2016)
            #expect(again.syntax == statement.syntax, "\(sql)")
            #expect(again.description == statement.description)
            let first = SQLFixture.text(statement.evaluate(SQLFixture.message()))
            if !sql.contains("rand(") && !sql.contains("newuuid(") {
                #expect(SQLFixture.text(again.evaluate(SQLFixture.message())) == first, "\(sql)")
            }
            if !first.hasPrefix("failed: ") { _ = try JSONValue(parsing: first, limits: JSONLimits(maxDepth: JSONLimits.deepestNesting)) }
        }
    }

    /// A table, not a draw: every function, with every kind of argument, in every version.
    @Test(arguments: SQLVersion.allCases) func everyFunctionTakesEveryType(_ version: SQLVersion) throws {
        let values = ["1", "2.5", "-3", "'a'", "'7'", "TRUE", "NULL", "UNDEFINED", "arr", "obj", "*", "1E999"]
        for name in ExpressionMaker.functions where version.isModern || FunctionTable.functions[name]?.isModern == false {
            for a in values {
                for b in values {
                    for call in ["\(name)(\(a))", "\(name)(\(a), \(b))", "\(name)(\(a), \(b), \(a))"] {
                        guard name != "decode" || call.filter({ $0 == "," }).count < 2 else { continue }
                        let text = try SQLFixture.run("SELECT \(call) AS x FROM 'a'", version: version)
                        #expect(text.hasPrefix("{"), "\(call): \(text)")
                    }
                }
            }
        }
    }

    /// Cut and changed statements are refused or read; nothing else happens.
    @Test(arguments: 0..<20) func brokenStatementsAreRefused(_ seed: Int) {
        var maker = ExpressionMaker(seed: UInt64(seed) &+ 1_000)
        let pieces = [
            "SELECT ", "FROM ", " 'a", "'", "\"", "(", ")", "[", "]", "{", "}", ",", ".", "@v", "=", "*", " AS ", "é", "\u{0}", "${",
            "SET ", "VALUE ",
        ]
        for _ in 0..<100 {
            var bytes = Array("SELECT \(maker.expression(depth: 3)) AS x FROM 'a' WHERE \(maker.expression(depth: 2))".utf8)
            for _ in 0..<(1 + maker.below(3)) {
                let place = maker.below(bytes.count + 1)
                if maker.below(2) == 0 {
                    bytes = Array(bytes[..<place])
                } else {
                    bytes.insert(contentsOf: maker.pick(pieces).utf8, at: place)
                }
            }
            let sql = String(decoding: bytes, as: UTF8.self)
            guard let statement = try? SQLStatement(parsing: sql, version: .v2016) else { continue }
            #expect((try? SQLStatement(parsing: statement.description, version: .v2016))?.syntax == statement.syntax, "\(sql)")
            _ = statement.evaluate(SQLFixture.message())
        }
    }
}
