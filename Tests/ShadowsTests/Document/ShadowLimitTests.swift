import JSON
import Testing

@testable import Shadows

/// Each limit of a request, exactly reached and one past it.
@Suite struct ShadowLimitTests {
    private static func limits(levels: Int) -> ShadowLimits {
        var limits = ShadowLimits.aws
        limits.maxLevels = levels
        return limits
    }

    /// That many keys, each in the object of the one before.
    private static func nested(_ levels: Int, around value: String = "1") -> String {
        String(repeating: #"{"k":"#, count: levels) + value + String(repeating: "}", count: levels)
    }

    private static func refusal(_ state: String, _ limits: ShadowLimits) -> ShadowProblem? {
        do throws(ShadowChange.Refusal) {
            _ = try ShadowChange(#"{"state":\#(state)}"#, limits: limits)
            return nil
        } catch {
            return error.problem
        }
    }

    @Test(arguments: [1, 6, 8, ShadowLimits.deepestLevels], ["desired", "reported"])
    func levels(levels: Int, section: String) {
        let limits = Self.limits(levels: levels)
        let tooDeep = ShadowProblem(code: 400, message: "JSON contains too many levels of nesting; maximum is \(levels)")
        #expect(Self.refusal(#"{"\#(section)":\#(Self.nested(levels))}"#, limits) == nil)
        #expect(Self.refusal(#"{"\#(section)":\#(Self.nested(levels + 1))}"#, limits) == tooDeep)
        // What holds nothing opens no level.
        #expect(Self.refusal(#"{"\#(section)":\#(Self.nested(levels, around: "{}"))}"#, limits) == nil)
        #expect(Self.refusal(#"{"\#(section)":\#(Self.nested(levels, around: "[]"))}"#, limits) == nil)
        #expect(Self.refusal(#"{"\#(section)":\#(Self.nested(levels, around: "[1]"))}"#, limits) == tooDeep)
    }

    @Test func levelsOfArrays() {
        let limits = Self.limits(levels: 6)
        #expect(Self.refusal(#"{"desired":{"a":[[[[[1]]]]]}}"#, limits) == nil)
        #expect(Self.refusal(#"{"desired":{"a":[[[[[[1]]]]]]}}"#, limits) == .tooDeep(limit: 6))
        #expect(Self.refusal(#"{"desired":{"a":[0,{"b":[{"c":[0]}]}]}}"#, limits) == nil)
        #expect(Self.refusal(#"{"desired":{"a":[0,{"b":[{"c":[{"d":0}]}]}]}}"#, limits) == .tooDeep(limit: 6))
    }

    @Test func profiles() {
        #expect(ShadowLimits.aws.maxLevels == 8 && ShadowLimits.aws.maxStateBytes == 8192 && ShadowLimits.aws.tombstoneSeconds == 172_800)
        #expect(ShadowLimits.open.maxLevels == 60 && ShadowLimits.open.maxStateBytes == 131_072)
    }

    /// Deeper than the parser goes at all: the same answer.
    @Test func hostileNesting() {
        #expect(Self.refusal(#"{"desired":{"a":"# + String(repeating: "[", count: 100_000), .open) == .tooDeep(limit: 60))
        #expect(Self.refusal(#"{"desired":"# + String(repeating: #"{"a":"#, count: 50_000), .aws) == .tooDeep(limit: 8))
    }

    @Test(arguments: ["t", "é", "😀"]) func clientTokens(character: String) throws {
        let fitting = String(repeating: character, count: 64 / character.utf8.count)
        #expect(fitting.utf8.count == 64)
        #expect(try ShadowChange(#"{"state":{},"clientToken":"\#(fitting)"}"#).clientToken == fitting)
        let refusal = #expect(throws: ShadowChange.Refusal.self) {
            try ShadowChange(#"{"state":{},"clientToken":"\#(fitting)t"}"#)
        }
        #expect(refusal?.problem == .invalidClientToken)
    }

    @Test func manyKeys() throws {
        let ten = #"{"desired":{\#((0..<10_000).map { #""k\#($0)":\#($0)"# }.joined(separator: ","))}}"#
        #expect(Self.refusal(ten, .open) == nil)
        let most = #"{"desired":{\#((0..<65_537).map { #""k\#($0)":0"# }.joined(separator: ","))}}"#
        #expect(Self.refusal(most, .open) == .tooLarge)
    }

    @Test func manyBytes() {
        let frame = #"{"state":{"desired":{"a":""}}}"#.utf8.count
        let fitting = String(repeating: "x", count: (1 << 20) - frame)
        #expect(Self.refusal(#"{"desired":{"a":"\#(fitting)"}}"#, .open) == nil)
        #expect(Self.refusal(#"{"desired":{"a":"\#(fitting)x"}}"#, .open) == .tooLarge)
    }
}
