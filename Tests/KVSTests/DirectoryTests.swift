import Blob
import FluxJSON
@testable import KVS
import RFC10Content
import RFC11TreeObject
import Testing

@Suite("Directories as pieces of their text")
struct DirectoryTests {
    private func entry(_ number: Int) -> Entry { Entry(.val(Array("\(number)".utf8))) }

    @Test("the empty directory is the field's empty object")
    func empty() {
        #expect(String(decoding: Directory().blob, as: UTF8.self) == #"{"data":{},"type":"dir","ver":1}"#)
        #expect(
            Directory().reference(.sha1).description == "sha1-c0a9faf907dda6216fd73bf81d0b3b21a1a8cb91")
    }

    @Test("text, size and digest equal those of the tree object, whatever the order of the changes", arguments: [1, 7, 300, 3000])
    func sameAsTreeObject(count: Int) throws {
        var directory = Directory()
        var expected = TreeObject.Directory()
        var changes: [(name: String, value: TreeObject?)] = []
        var number = 1
        for _ in 0..<count {
            number = (number * 7919) % 1_000_003
            let name = "key-\(number)"
            directory.set(name, entry(number))
            changes.append((name, .val(Array("\(number)".utf8))))
        }
        expected.apply(changes)
        let text = TreeObject.dir(expected).bytes
        #expect(directory.blob == text)
        #expect(directory.blobSize == text.count)
        #expect(directory.count == count)
        #expect(directory.reference(.sha1) == Blobref.Algorithm.sha1.reference(to: text))
        let parsed = try #require(Directory(blob: text))
        #expect(parsed.blob == text)
        #expect(parsed.count == count)
        #expect(parsed["key-\(number)"] == entry(number))
        #expect(parsed["key-"] == nil)

        for (index, change) in changes.enumerated() where index % 2 == 0 {
            directory.remove(change.name)
            expected[change.name] = nil
        }
        #expect(directory.blob == TreeObject.dir(expected).bytes)
        #expect(directory.blobSize == directory.blob.count)
        for change in changes { directory.remove(change.name) }
        #expect(directory.blob == Directory().blob)
    }

    @Test("names with quotes, controls and letters beyond ASCII are found", arguments: ["a\"b", "\\", "\u{1}", "ä", "日本", ""])
    func escapedNames(name: String) throws {
        var directory = Directory()
        for other in ["a", "b", "z", "~"] { directory.set(other, entry(1)) }
        directory.set(name, entry(2))
        #expect(directory[name] == entry(2))
        let parsed = try #require(Directory(blob: directory.blob))
        #expect(parsed[name] == entry(2))
        directory.set(name, entry(33))
        #expect(directory[name] == entry(33))
        directory.remove(name)
        #expect(directory[name] == nil)
        #expect(directory.count == 4)
    }

    @Test("copies share what is the same")
    func copies() {
        var first = Directory()
        for number in 0..<500 { first.set("k\(number)", entry(number)) }
        var second = first
        second.set("k7", entry(0))
        #expect(first["k7"] == entry(7))
        #expect(second["k7"] == entry(0))
        second.set("k7", entry(7))
        #expect(first == second || first.blob == second.blob)
    }

    @Test(
        "what is no directory is refused, other forms of one are read",
        arguments: [
            (#"{"data":{},"type":"dir","ver":1}"#, true),
            (#"{"ver":1,"type":"dir","data":{"b":{"ver":1,"type":"val","data":""},"a":{"data":"","type":"val","ver":1}}}"#, true),
            (#"{"data":{"b":{"data":"","type":"val","ver":1},"a":{"data":"","type":"val","ver":1}},"type":"dir","ver":1}"#, true),
            (#"{"data":{"a":{"data":"","type":"val","ver":2}},"type":"dir","ver":1}"#, false),
            (#"{"data":{"a":{"data":5,"type":"val","ver":1}},"type":"dir","ver":1}"#, false),
            (#"{"data":{"a":1},"type":"dir","ver":1}"#, false),
            (#"{"data":{,},"type":"dir","ver":1}"#, false),
            (#"{"data":{"a},"type":"dir","ver":1}"#, false),
            (#"{"data":"","type":"val","ver":1}"#, false),
            ("", false), ("hello", false),
        ])
    func foreignText(text: String, isDirectory: Bool) {
        let directory = Directory(blob: Array(text.utf8))
        #expect((directory != nil) == isDirectory)
        if let directory { #expect(directory.count == 0 || directory["a"]?.kind == .val) }
    }

    @Test("cutting a directory anywhere never traps")
    func truncated() {
        var directory = Directory()
        directory.set("a", entry(1))
        directory.set("b", .dirref(Directory().reference(.sha256)))
        directory.set("l", Entry(.symlink(target: "a", namespace: "ns")))
        let blob = directory.blob
        for end in 0..<blob.count { #expect(Directory(blob: Array(blob[..<end])) == nil) }
        #expect(Directory(blob: blob)?["l"]?.link?.namespace == "ns")
    }
}
