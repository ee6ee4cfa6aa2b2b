import Testing

@testable import AWSAPI

@Suite struct PageTokensTests {
    private let key = PageTokens.Key.random()

    private func tokens(_ operation: String = "iot:ListThings") -> PageTokens {
        PageTokens(key: self.key, operation: operation)
    }

    @Test(arguments: ["", "lamp", "grüße", "a\u{0}b", String(repeating: "x", count: 700)])
    func aTokenGivesItsPositionBack(_ position: String) throws {
        let token = self.tokens().token(after: position, query: ["type", nil])
        #expect(try self.tokens().position(in: token, query: ["type", nil]) == position)
        #expect(token.count <= PageTokens.maxTokenLength)
        // The model's pattern of a marker.
        #expect(token.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+/=".contains($0)) })
    }

    @Test func noTokenIsTheFirstPage() throws {
        #expect(try self.tokens().position(in: nil) == nil)
    }

    @Test func aTokenIsOfNoUseElsewhere() {
        let token = self.tokens().token(after: "lamp", query: ["a", nil])
        for query in [["a", ""], ["a"], [nil, "a"], ["", "a"], ["a", nil, nil], []] as [[String?]] {
            #expect(throws: AWSError.invalidRequest("Invalid token")) { try self.tokens().position(in: token, query: query) }
        }
        #expect(throws: AWSError.self) { try self.tokens("iot:ListPolicies").position(in: token, query: ["a", nil]) }
        let stranger = PageTokens(key: .random(), operation: "iot:ListThings")
        #expect(throws: AWSError.self) { try stranger.position(in: token, query: ["a", nil]) }
    }

    @Test func aChangedTokenIsRefused() {
        let token = self.tokens().token(after: "lamp")
        for position in token.indices {
            var changed = token
            changed.replaceSubrange(position...position, with: token[position] == "A" ? "B" : "A")
            guard let opened = try? self.tokens().position(in: changed) else { continue }
            // The last character before the padding holds bits that are not part of the token.
            #expect(opened == "lamp")
        }
        for text in ["", "x", "====", "AAAA", String(repeating: "A", count: 4096), "🙂"] {
            #expect(throws: AWSError.self) { try self.tokens().position(in: text) }
        }
    }
}
