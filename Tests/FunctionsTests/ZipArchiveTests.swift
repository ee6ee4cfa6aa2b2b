import Foundation
import Testing

@testable import Functions

@Suite("A zip")
struct ZipArchiveTests {
    private static func limits(_ change: (inout FunctionLimits) -> Void = { _ in }) -> FunctionLimits {
        var limits = FunctionLimits()
        change(&limits)
        return limits
    }

    private static func read(_ maker: ZipMaker, _ limits: FunctionLimits = limits()) throws -> [String: String] {
        let archive = try ZipArchive(maker.data, limits: limits)
        var files: [String: String] = [:]
        for entry in archive.entries where !entry.isFolder {
            files[entry.path] = String(decoding: try archive.content(of: entry), as: UTF8.self)
        }
        return files
    }

    private static func expectRefusal(_ maker: ZipMaker, _ words: String, _ limits: FunctionLimits = limits()) {
        #expect {
            try Self.read(maker, limits)
        } throws: { error in
            (error as? ZipProblem)?.description.contains(words) ?? false
        }
    }

    @Test("gives its files back, stored or deflated, with Unix's permissions")
    func files() throws {
        let text = String(repeating: "light ", count: 1_000)
        let maker = ZipMaker([
            ZipMaker.Entry(path: "bootstrap", content: Array("#!".utf8)), ZipMaker.deflated("lib/a.txt", Array(text.utf8)),
            ZipMaker.Entry(path: "lib/", mode: 0o040_755), ZipMaker.Entry(path: "empty", mode: nil), ZipMaker.deflated("void", []),
        ])
        #expect(try Self.read(maker) == ["bootstrap": "#!", "lib/a.txt": text, "empty": "", "void": ""])
        let archive = try ZipArchive(maker.data, limits: Self.limits())
        #expect(archive.entries.map(\.permissions) == [0o755, 0o755, 0o755, nil, 0o755])
    }

    @Test("may have a comment, and its own end's signature in it")
    func comment() throws {
        var maker = ZipMaker([("a", "b")])
        maker.comment = Array("made by hand".utf8)
        #expect(try Self.read(maker) == ["a": "b"])
    }

    @Test(
        "has no files outside of itself",
        arguments: ["../a", "/a", "a/../../b", "a//b", "./a", "a/.", "", "/", "a\\b", "a\0b", "C:\\x", String(repeating: "x", count: 300)])
    func paths(_ path: String) { Self.expectRefusal(ZipMaker([(path, "x")]), "path") }

    @Test("has no path that file systems do not take")
    func longPaths() {
        Self.expectRefusal(ZipMaker([(Array(repeating: "x", count: 100).joined(separator: "/"), "x")]), "too deep")
        let long = Array(repeating: String(repeating: "x", count: 200), count: 6).joined(separator: "/")
        Self.expectRefusal(ZipMaker([(long, "x")]), "too long")
    }

    @Test("has each path once, as a file or as a folder")
    func clashes() {
        Self.expectRefusal(ZipMaker([("a", "1"), ("a", "2")]), "two files a")
        Self.expectRefusal(ZipMaker([("a", "1"), ("a/b/c", "2")]), "a is a file and a folder")
        Self.expectRefusal(ZipMaker([("a/b", "1"), ("a", "2")]), "a is a file and a folder")
        Self.expectRefusal(ZipMaker([("a", "1"), ("a/", "")]), "a is a file and a folder")
    }

    @Test("has no links")
    func links() {
        Self.expectRefusal(ZipMaker([ZipMaker.Entry(path: "a", content: Array("/etc/passwd".utf8), mode: 0o120_777)]), "symbolic link")
    }

    @Test("is refused by name when it is damaged or of another kind")
    func damage() {
        let text = Array(String(repeating: "x", count: 100).utf8)
        Self.expectRefusal(ZipMaker([ZipMaker.Entry(path: "a", content: text, crc: 1)]), "checksum")
        Self.expectRefusal(ZipMaker([ZipMaker.Entry(path: "a", content: text, method: 12)]), "method 12")
        Self.expectRefusal(ZipMaker([ZipMaker.Entry(path: "a", content: text, bytes: 99)]), "two sizes differ")
        Self.expectRefusal(ZipMaker([ZipMaker.Entry(path: "a", content: text, flags: 1)]), "encrypted")
        Self.expectRefusal(ZipMaker([ZipMaker.Entry(path: "a", content: text, offset: 3)]), "not where the directory says")
        Self.expectRefusal(ZipMaker([ZipMaker.Entry(path: "a", content: text, offset: 1 << 31)]), "too early")
        Self.expectRefusal(ZipMaker([ZipMaker.Entry(path: "a", content: text, bytes: Int(UInt32.max))]), "zip64")
        var deflated = ZipMaker.deflated("a", text)
        for bytes in [99, 101] {
            deflated.bytes = bytes
            Self.expectRefusal(ZipMaker([deflated]), "cannot be unpacked")
        }
        deflated.bytes = nil
        deflated.stored = [0xFF, 0xFF, 0xFF]
        Self.expectRefusal(ZipMaker([deflated]), "cannot be unpacked")
        var maker = ZipMaker([("a", "b")])
        maker.count = 2
        Self.expectRefusal(maker, "directory is damaged")
        maker.count = 0xFFFF
        Self.expectRefusal(maker, "zip64")
    }

    @Test("takes no memory for what cannot come out of it")
    func ratio() {
        var entry = ZipMaker.deflated("a", [1])
        entry.bytes = 200 << 20
        Self.expectRefusal(ZipMaker([entry]), "cannot be unpacked")
    }

    @Test("is bounded")
    func bounds() {
        Self.expectRefusal(ZipMaker([("a", "123"), ("b", "456")]), "more than 5 bytes", Self.limits { $0.maxUnpackedBytes = 5 })
        Self.expectRefusal(ZipMaker([("a", ""), ("b", "")]), "1 are the most", Self.limits { $0.maxEntries = 1 })
    }

    @Test("that was cut anywhere is refused")
    func cuts() {
        let data = ZipMaker([("a", "hello"), ("b/c", "world")]).data
        for end in 0..<data.count {
            #expect(throws: ZipProblem.self) { try ZipArchive(data.prefix(end), limits: Self.limits()) }
        }
    }

    @Test("with any byte changed is read or refused, and nothing else")
    func changes() {
        let data = ZipMaker([ZipMaker.deflated("a", Array("hello hello hello".utf8)), ZipMaker.Entry(path: "b/c", content: [1, 2])]).data
        for place in data.indices {
            for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] {
                var changed = data
                changed[place] = value
                do {
                    let archive = try ZipArchive(changed, limits: Self.limits())
                    for entry in archive.entries { _ = try archive.content(of: entry) }
                } catch {
                    #expect(error is ZipProblem)
                }
            }
        }
    }
}
