import NIOCore
import Testing

@testable import Targets

@Suite("Where objects' files are")
struct ObjectPathTests {
    @Test(
        "a simple key is its own path, whatever else is not",
        arguments: [
            ("days/2026-01-01/lamp.json", "days/2026-01-01/lamp.json"), ("latest", "latest%"), ("a/b", "a/b%"), ("v1.2/x.y", "v1.2%/x.y"),
            ("../../etc/passwd", "%2E.%/%2E.%/etc/passwd%"), (".", "%2E%"), (".hidden", "%2Ehidden%"), ("/a", "%-/a%"), ("a/", "a/%-%"),
            ("a//b", "a/%-/b%"), ("100%", "100%25%"), ("a\u{0}b", "a%00b%"), ("Grüße?", "Grüße%3F%"), ("a\\b", "a%5Cb%"), ("a.", "a."),
        ])
    func paths(key: String, path: String) { #expect(ObjectPath.path(of: key) == path) }

    @Test("no two keys have one path, and no file is another's folder")
    func noTwo() {
        let words = ["a", "a.b", "", ".", "..", "%", "%-", "a%", "%2E", "A", String(repeating: "x", count: 300), "%~", "é", "e\u{301}"]
        var keys = Set<[UInt8]>()
        for one in words {
            keys.insert(Array(one.utf8))
            for two in words {
                keys.insert(Array("\(one)/\(two)".utf8))
                for three in words { keys.insert(Array("\(one)/\(two)/\(three)".utf8)) }
            }
        }
        var files = Set<[UInt8]>()
        var folders = Set<[UInt8]>()
        for key in keys where !key.isEmpty {
            let path = ObjectPath.path(of: String(decoding: key, as: UTF8.self))
            #expect(files.insert(Array(path.utf8)).inserted)
            let segments = path.split(separator: "/", omittingEmptySubsequences: false)
            #expect(segments.allSatisfy { !["", ".", ".."].contains($0) && $0.utf8.count <= 255 })
            for count in 1..<max(segments.count, 1) { folders.insert(Array(segments.prefix(count).joined(separator: "/").utf8)) }
        }
        #expect(files.isDisjoint(with: folders))
    }

    @Test("long segments and long keys fit a file system")
    func long() {
        for key in [String(repeating: "ü", count: 512), String(repeating: "\u{1}/", count: 512), String(repeating: "\u{1}", count: 1024)] {
            let path = ObjectPath.path(of: key)
            #expect(path.utf8.count <= 2_000)
            #expect(path.split(separator: "/").allSatisfy { $0.utf8.count <= 255 })
        }
        let long = String(repeating: "a", count: 250)
        #expect(ObjectPath.path(of: long + "1/x") != ObjectPath.path(of: long + "2/x"))
    }

    @Test("cyclic redundancy checks have their published values")
    func checksums() {
        let content = ByteBuffer(string: "123456789")
        #expect(ObjectChecksum.crc32.text(of: content) == "y/Q5Jg==")
        #expect(ObjectChecksum.crc32c.text(of: content) == "4waSgw==")
        #expect(ObjectChecksum.crc64nvme.text(of: content) == "rosUhgp5mIg=")
    }

    @Test(
        "one range of bytes is read, others are none",
        arguments: [
            ("bytes=0-4", 0..<5), ("bytes=5-", 5..<10), ("bytes=-3", 7..<10), ("bytes=3-100", 3..<10), ("bytes=-20", 0..<10),
            ("bytes=1-2,4-5", nil), ("bytes=5-2", nil), ("items=1-2", nil), ("bytes=a-b", nil), ("bytes=0-99999999999999999999", nil),
            (nil, nil),
        ] as [(String?, Range<Int>?)])
    func ranges(text: String?, range: Range<Int>?) throws { #expect(try ByteRange.read(text, length: 10) == range) }

    @Test("a request's XML is read, and what is none is refused")
    func xml() {
        func parse(_ text: String) -> XMLElement? { XMLElement(parsing: ByteBuffer(string: text)) }
        let document = parse(
            "<?xml version='1.0'?>\n<s:Delete xmlns:s='x>y'><!-- no --><Object><Key>a &lt;&#x1F600;&#10;</Key></Object><Quiet/></s:Delete>\n"
        )
        #expect(document?.name == "Delete")
        #expect(document?["Object"]?["Key"]?.text == "a <\u{1F600}\n")
        #expect(document?["Quiet"]?.text == "")
        for text in [
            "", "x", "<a>", "<a></b>", "<a/><b/>", "<a>&x;</a>", "<a>&", "<!DOCTYPE a><a/>", "</a>", "<a></a/>", "<a", "<a b='>", "<>",
            String(repeating: "<a>", count: 100_000), String(repeating: "<", count: 1000),
        ] {
            #expect(parse(text) == nil, "\(text.prefix(20))")
        }
    }
}
