import Blob
@testable import Content
import Glibc
import RFC10Content
import Testing

@Suite("Files whose parts are loaded by digest")
struct MappedFilesTests {
    private let path: String

    init() throws {
        var template = Array("/tmp/fluxtest-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        try #require(descriptor >= 0)
        close(descriptor)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func write(_ text: String, at offset: Int = 0, truncating: Bool = true) {
        let descriptor = open(path, O_WRONLY | (truncating ? O_TRUNC : 0))
        _ = text.withCString { pwrite(descriptor, $0, strlen($0), offset) }
        close(descriptor)
    }

    private func reference(_ text: String) -> Blobref { Blobref.Algorithm.sha1.reference(to: Array(text.utf8)) }

    @Test("chunks are found by their digest until the tag is removed")
    func chunks() throws {
        defer { unlink(path) }
        write("hello world")
        var files = MappedFiles()
        files.add(try MappedFile(path: path, chunkSize: 4, .sha1), tag: "a")
        #expect(files.find(reference("hell")) == .blob(Array("hell".utf8)))
        #expect(files.find(reference("rld")) == .blob(Array("rld".utf8)))
        #expect(files.find(reference("hello world")) == .unknown)
        files.add(try MappedFile(path: path, chunkSize: 0, .sha1), tag: "b")
        files.remove(tag: "a")
        files.remove(tag: "nobody")
        #expect(files.find(reference("hell")) == .unknown)
        #expect(files.find(reference("hello world")) == .blob(Array("hello world".utf8)))
    }

    @Test("a file that is changed, cut or gone is noticed")
    func changes() throws {
        defer { unlink(path) }
        write("hello world")
        var files = MappedFiles()
        files.add(try MappedFile(path: path, chunkSize: 6, .sha1), tag: "a")
        write("J", truncating: false)
        #expect(files.find(reference("hello ")) == .changed)
        #expect(files.find(reference("world")) == .blob(Array("world".utf8)))
        write("hello w")
        #expect(files.find(reference("world")) == .changed)
        write("")
        #expect(files.find(reference("world")) == .changed)
        unlink(path)
        #expect(files.find(reference("world")) == .changed)
    }

    @Test("holes are in no chunk; what is no regular file, or empty, is refused")
    func kinds() throws {
        defer { unlink(path) }
        #expect(throws: MappedFile.Failure.self) { try MappedFile(path: path, chunkSize: 0, .sha1) }
        #expect(throws: MappedFile.Failure.self) { try MappedFile(path: "/tmp", chunkSize: 0, .sha1) }
        #expect(throws: MappedFile.Failure.self) { try MappedFile(path: path + ".none", chunkSize: 0, .sha1) }
        write("x", at: 1 << 20)
        let file = try MappedFile(path: path, chunkSize: 0, .sha1)
        let covered = file.chunks.reduce(0) { $0 + $1.range.count }
        #expect(file.chunks.last?.range.upperBound == (1 << 20) + 1)
        #expect(covered >= 1 && covered <= (1 << 20) + 1)
    }
}
