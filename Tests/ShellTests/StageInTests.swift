import FluxJSON
import Glibc
import RFC37FileArchive
import Reactor
import Testing

@testable import Shell

@Suite("stage-in")
struct StageInTests {
    static func options(_ text: String) throws -> StageInOptions? { try StageInOptions(try JSON(parsing: text)) }

    @Test("names, pattern and destination")
    func option() throws {
        #expect(try Self.options("false") == nil)
        #expect(try Self.options("1")?.names == ["main"])
        let all = try #require(
            try Self.options(#"{"names":"red,blue","pattern":"red/*","destination":"global:/data"}"#))
        #expect(all.names == ["red", "blue"] && all.isGlobal && all.destination == "/data")
        #expect(all.admits("red/small") && !all.admits("blue/a"))
        #expect(try Self.options(#"{"tags":"old"}"#)?.usesTags == true)
        #expect(try Self.options(#"{"destination":"local:/x"}"#)?.destination == "/x")
    }

    @Test("mistakes end the job", arguments: [#"{"badopt":1}"#, #"{"names":3}"#, #"{"destination":"wrong:/x"}"#])
    func mistakes(text: String) throws {
        #expect(throws: ShellExit.self) { try Self.options(text) }
    }

    @Test("entries become files, and none outside of the folder")
    func extraction() throws {
        var template = Array("/tmp/fluxtest-XXXXXX".utf8CString)
        let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer { JobFolder.remove(folder) }
        let reactor = try Reactor()
        try reactor.run {
            let archive = try ArchiveFolder(folder)
            func write(_ entry: FileEntry) async throws { try await archive.write(entry) { Array($0.utf8) } }
            try await write(FileEntry(path: "a/b", kind: .directory, permissions: 0o700))
            try await write(
                FileEntry(path: "a/text", kind: .regular, permissions: 0o600, size: 3, content: .text("foo")))
            let blob = FileEntry.Blob(offset: 2, size: 4, blobref: "blob")
            try await write(
                FileEntry(path: "a/holes", kind: .regular, permissions: 0o600, size: 8, content: .blobs([blob])))
            try await write(
                FileEntry(path: "out", kind: .symlink, permissions: 0o777, content: .target("/tmp")))
            for path in ["../x", "/tmp/x", "out/x"] {
                await #expect(throws: (any Error).self) {
                    try await write(FileEntry(path: path, kind: .regular, permissions: 0o600, content: .text("x")))
                }
            }
        }
        #expect(try Self.read("\(folder)/a/text") == Array("foo".utf8))
        #expect(try Self.read("\(folder)/a/holes") == [0, 0] + Array("blob".utf8) + [0, 0])
        #expect(access("/tmp/x", F_OK) != 0)
    }

    static func read(_ path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 64)
        return Array(bytes[..<fread(&bytes, 1, bytes.count, file)])
    }
}
