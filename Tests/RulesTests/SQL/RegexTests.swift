import Testing

@testable import Rules

@Suite struct RegexTests {
    static let functions = SQLCase.table(
        "5.6 regexp",
        #"""
        regexp_matches('aaaa', 'a{2,}') => true
        regexp_matches('aaaa', 'b') => false
        regexp_matches('xaay', 'aa') => true
        regexp_matches('xaay', '^aa') => false
        regexp_matches(123, '2') => true
        regexp_matches('a', '[') => undefined
        regexp_matches('a', '(') => undefined
        regexp_matches('a', 'a**') => undefined
        regexp_matches(NULL, 'a') => undefined
        regexp_matches('a', UNDEFINED) => undefined
        regexp_matches('abc', s) => false
        regexp_matches('a text', s) => true
        regexp_substr('hihihello', 'hi') => "hi"
        regexp_substr('hihihello', '(hi)*') => "hihi"
        regexp_substr('hello', 'x') => undefined
        regexp_substr('abc', '') => ""
        regexp_substr('temp=21.5C', '[0-9]+\.[0-9]+') => "21.5"
        regexp_substr('a', '(') => undefined
        regexp_replace('abcd', 'bc', 'x') => "axd"
        regexp_replace('abcd', 'b(.*)d', '$1') => "ac"
        regexp_replace('a1b22', '\d+', '<$0>') => "a<1>b<22>"
        regexp_replace('abc', 'x*', '-') => "-a-b-c-"
        regexp_replace('abc', '(?<mid>b)', '[${mid}]') => "a[b]c"
        regexp_replace('abc', 'b', '\$') => "a$c"
        regexp_replace('abc', 'b', '$1') => undefined
        regexp_replace('abc', 'b', '$') => undefined
        regexp_replace('abc', '(b)', '$12') => "ab2c"
        regexp_replace('abc', '(', 'x') => undefined
        regexp_replace('aaa', 'a', '') => ""
        regexp_replace('Füße', 'ü', 'ue') => "Fueße"
        regexp_replace('abc', '(x)?b', '[$1]') => "a[]c"
        """#)

    @Test(arguments: functions) func holds(_ line: SQLCase) throws { try line.check() }

    /// A pattern, a text, and the first match in it.
    struct Sample: Sendable, CustomTestStringConvertible {
        let pattern: String
        let text: String
        let match: String?

        init(_ pattern: String, _ text: String, _ match: String?) {
            self.pattern = pattern
            self.text = text
            self.match = match
        }

        var testDescription: String { "\(self.pattern) in \(self.text)" }
    }

    static let java: [Sample] = [
        Sample("a|ab", "ab", "a"), Sample("ab|a", "ab", "ab"), Sample("(a|ab)(c|bcd)", "abcd", "abcd"), Sample("a*?b", "aab", "aab"),
        Sample("a+?", "aaa", "a"), Sample("a{2}", "aaa", "aa"), Sample("a{2,}", "aaa", "aaa"), Sample("a{1,2}?", "aaa", "a"),
        Sample("a{0}b", "ab", "b"), Sample("a++b", "aaab", "aaab"), Sample("a++ab", "aaab", nil), Sample("a?+a", "a", nil),
        Sample("(?>a+)b", "aab", "aab"), Sample("(?>a|ab)c", "abc", nil), Sample(".", "\n", nil), Sample("(?s).", "\n", "\n"),
        Sample("(?i)HeLLo", "hEllO", "hEllO"), Sample("(?i:A)b", "ab", "ab"), Sample("(?i:A)b", "aB", nil), Sample("a(?i)b|c", "aB", "aB"),
        Sample("(?i)ü", "Ü", nil), Sample("(?iu)ü", "Ü", "Ü"), Sample("^b", "a\nb", nil), Sample("(?m)^b", "a\nb", "b"),
        Sample("a$", "a\n", "a"), Sample("a$", "a\nb", nil), Sample("(?m)a$", "a\nb", "a"), Sample("a\\z", "a\n", nil),
        Sample("a\\Z", "a\r\n", "a"), Sample("\\Aa", "ba", nil), Sample("\\bfoo\\b", "a foo b", "foo"), Sample("\\bfoo\\b", "afoo", nil),
        Sample("\\Boo", "foo", "oo"), Sample("[abc]+", "xbcay", "bca"), Sample("[^abc]+", "abxyc", "xy"), Sample("[a-c]", "b", "b"),
        Sample("[a-c[x-z]]+", "dybx", "ybx"), Sample("[a-z&&[def]]+", "abcdefg", "def"), Sample("[a-z&&[^m-p]]+", "mnab", "ab"),
        Sample("[]a]+", "]a", "]a"), Sample("[a-]+", "-a", "-a"), Sample("[\\d.]+", "v1.2.3", "1.2.3"),
        Sample("[\\w&&[^\\d]]+", "12ab", "ab"),
        Sample("\\d+", "abc123", "123"), Sample("\\D+", "abc123", "abc"), Sample("\\s+", "a \t\nb", " \t\n"), Sample("\\S+", " ab ", "ab"),
        Sample("\\w+", "ü_a1", "_a1"), Sample("\\W+", "a--b", "--"), Sample("\\h+", "a\u{A0} b", "\u{A0} "),
        Sample("\\v", "a\u{2028}b", "\u{2028}"),
        Sample("\\R", "a\r\nb", "\r\n"), Sample("\\p{L}+", "1äöü2", "äöü"), Sample("\\p{Lu}", "aÄ", "Ä"), Sample("\\P{L}+", "ab12", "12"),
        Sample("\\pL", "1a", "a"), Sample("\\p{Alpha}+", "äab1", "ab"), Sample("\\p{Punct}", "a!", "!"),
        Sample("\\p{IsAlphabetic}", "1é", "é"),
        Sample("\\x41\\u0042\\x{43}\\0104", "ABCD", "ABCD"), Sample("\\uD83D\\uDE00", "😀", "😀"),
        Sample("\\t\\n\\e\\cA", "\t\n\u{1B}\u{1}", "\t\n\u{1B}\u{1}"),
        Sample("\\Qa.b\\E+", "a.bbb", "a.bbb"), Sample("\\Q[", "[", "["), Sample("(a)(b)\\2\\1", "abba", "abba"),
        Sample("(?<x>a)\\k<x>", "aa", "aa"),
        Sample("(a)|b\\1", "b", nil), Sample("(?i)(a)\\1", "aA", "aA"), Sample("a(?=b)", "acab", "a"), Sample("a(?!b)", "abac", "a"),
        Sample("(?<=a)b", "cbab", "b"), Sample("(?<!a)b", "abcb", "b"), Sample("(?<=a{1,3})b", "aaab", "b"),
        Sample("(?<=ab|c)d", "xcd", "d"),
        Sample("(?x) a b # comment\n c", "abc", "abc"), Sample("(a*)*", "aaab", "aaa"), Sample("(a*)+", "aab", "aa"),
        Sample("(a|b*)*c", "abbc", "abbc"),
        Sample("(?:)*a", "a", "a"), Sample("(|a)+", "aa", ""), Sample("}", "}", "}"), Sample("]", "]", "]"),
        Sample("😀+", "a😀😀", "😀😀"), Sample("^$", "", ""), Sample("(a(b(c)))", "abc", "abc"), Sample("[^\\]]+", "ab]", "ab"),
        Sample("(?i)[^a]", "Ab", "b"),
        Sample("^(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}$", "192.168.1.254", "192.168.1.254"),
        Sample("^[A-Z]{2}-\\d{4}(-[a-z]+)?$", "AB-1234-x", "AB-1234-x"), Sample("(\\w+)@(\\w+)\\.com", "me@site.com", "me@site.com"),
    ]

    @Test(arguments: java) func matchesAsJavaDoes(_ sample: Sample) throws {
        var steps = SQLLimits.maxRegexSteps
        let text = sample.text.unicodeScalars.map(\.value)
        let match = try Regex(sample.pattern).firstMatch(in: text, steps: &steps)
        let found = match.map { slots in
            var view = String.UnicodeScalarView()
            view.append(contentsOf: text[slots[0]..<slots[1]].compactMap(Unicode.Scalar.init))
            return String(view)
        }
        #expect(found == sample.match)
    }

    @Test(
        arguments: [
            "(", ")", "[", "[a", "*", "+a", "?", "a**", "a{2}{3}", "a+*", "{1}", "a{2,1}", "a{1001}", "a{x}", "\\", "(?<1>a)", "(?<a",
            "(?z)", "(?", "\\k<x>", "\\2",
            "[z-a]", "[]", "[^]", "\\X", "\\N{x}", "\\p{IsGreek}", "\\p{InGreek}", "\\p{Nope}", "\\p{L", "\\x4", "\\u12", "\\x{110000}",
            "\\y", "\\b{g}",
            "(?<=a*)b", "(?<n>a)(?<n>b)", "((((a{99}){99}){99}){99})", "(?:(?:(?:){1000}){1000}){1000}", "\\c", "\\0",
        ])
    func refusesWhatItDoesNotTake(_ pattern: String) {
        #expect(throws: RegexError.self) { try Regex(pattern) }
    }

    @Test func refusesWhatIsTooLarge() {
        #expect(throws: RegexError.self) { try Regex(String(repeating: "(", count: 1000) + String(repeating: ")", count: 1000)) }
        #expect(throws: RegexError.self) { try Regex(String(repeating: "[", count: 1000)) }
        #expect(throws: RegexError.self) { try Regex("[" + String(repeating: "a", count: RegexLimits.maxClassParts + 1) + "]") }
        #expect(throws: RegexError.self) { try Regex(String(repeating: "a", count: RegexLimits.maxPatternLength + 1)) }
        #expect(throws: RegexError.self) { try Regex("a" + String(repeating: "{2}", count: 100)) }
    }

    /// Patterns that take exponential time in a plain backtracker end at once where failing depends on the place alone …
    @Test(arguments: ["(a+)+$", "^(a|a)*$", "(a|aa)+$", "(.*)*x", "([a-z]+)*=", "(a?){30}a{30}$", "^(\\w+\\s?)*$", "(x+x+)+y"])
    func nestedRepetitionIsLinear(_ pattern: String) throws {
        let text = (String(repeating: "a", count: 3000) + "!").unicodeScalars.map(\.value)
        var steps = 20_000_000
        #expect(try Regex(pattern).firstMatch(in: text, steps: &steps) == nil)
    }

    /// … and elsewhere at the end of their budget.
    @Test(arguments: ["(a+)+\\1$", "(?=(a+)+$)b", "(?>(a+)+$)", "(?:(?<=a)a|a)*$(?<=b)"])
    func otherwiseTheBudgetEnds(_ pattern: String) throws {
        let sql = "SELECT regexp_matches('\(String(repeating: "a", count: 60))!', '\(pattern)') AS m FROM 'a'"
        let text = try SQLFixture.run(sql)
        #expect(text.utf8.count < 100 && (text.hasPrefix("failed: ") || text == #"{"m":false}"#))
    }

    @Test func aPatternThatIsNoneIsNamedWithTheStatement() throws {
        let statement = try SQLStatement(parsing: "SELECT regexp_matches(a, '[') AS m FROM 'a'", version: .v2016)
        #expect(statement.warnings.count == 1)
        #expect(statement.warnings.first?.contains("regexp_matches() is always Undefined here: a '[' that is not closed") == true)
    }
}
