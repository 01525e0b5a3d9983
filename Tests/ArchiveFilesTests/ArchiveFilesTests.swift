import ArchiveFiles
import Glibc
import RFC37FileArchive
import Testing

@Suite("Files into archives and back")
struct ArchiveFilesTests {
    /// A folder of its own, removed by `rm -r` at the end.
    private func inFolder(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/fluxtest-XXXXXX".utf8CString)
        let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer { remove(folder) }
        try body(folder)
    }

    private func remove(_ path: String) {
        chmod(path, 0o700)
        for inner in (try? FolderWalk.paths(below: path)) ?? [] where unlink(inner) != 0 { rmdir(inner) }
    }

    private func write(_ text: String, _ path: String, at offset: Int = 0) {
        let descriptor = open(path, O_CREAT | O_WRONLY, 0o644)
        _ = text.withCString { pwrite(descriptor, $0, strlen($0), offset) }
        close(descriptor)
    }

    private func text(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var area = [UInt8](repeating: 0, count: 4096)
        return String(decoding: area[..<max(0, read(descriptor, &area, 4096))], as: UTF8.self)
    }

    private func extract(_ entry: FileEntry, _ folder: String, overwrites: Bool = false) throws {
        var extraction = Extraction(folder: folder, overwrites: overwrites)
        if let file = try extraction.begin(entry) {
            for extent in file.extents {
                if case .bytes(let bytes) = extent.source { try file.write(bytes, at: extent.offset) }
            }
            try file.finish()
        }
        extraction.finish()
    }

    @Test("a walk has what is in a folder in front of the folder")
    func walk() throws {
        try inFolder { folder in
            mkdir("\(folder)/d", 0o755)
            write("x", "\(folder)/d/f")
            symlink("f", "\(folder)/d/l")
            let paths = try FolderWalk.paths(below: folder)
            #expect(paths.last == folder)
            #expect(Set(paths) == [folder, "\(folder)/d", "\(folder)/d/f", "\(folder)/d/l"])
            #expect(try FolderWalk.paths(below: "\(folder)/d/l") == ["\(folder)/d/l"])
            #expect(throws: FileFailure.self) { try FolderWalk.paths(below: "\(folder)/none") }
        }
    }

    @Test("small files, links and folders come back")
    func roundTrip() throws {
        try inFolder { folder in
            write("text", "\(folder)/f")
            chmod("\(folder)/f", 0o640)
            symlink("f", "\(folder)/l")
            mkdir("\(folder)/d", 0o700)
            for name in ["f", "l", "d"] {
                let file = try FoundFile(path: "\(folder)/\(name)", largeFrom: 1024, chunkSize: 0)
                let isLarge = file.isLarge
                #expect(!isLarge)
                var entry = file.entry()
                entry.path = "out/\(name)"
                try extract(entry, folder)
            }
            #expect(text("\(folder)/out/f") == "text")
            var status = stat()
            #expect(lstat("\(folder)/out/l", &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
            #expect(stat("\(folder)/out/f", &status) == 0 && status.st_mode & 0o777 == 0o640)
            #expect(stat("\(folder)/out/d", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR)
        }
    }

    @Test("a large file is divided, holes are in no piece")
    func large() throws {
        try inFolder { folder in
            let path = "\(folder)/big"
            write("hello world", path)
            let file = try FoundFile(path: path, largeFrom: 4, chunkSize: 4)
            let (pieces, last) = (file.pieces, try file.bytes(8..<11))
            #expect(pieces == [0..<4, 4..<8, 8..<11])
            #expect(last == Array("rld".utf8))
            #expect((try? file.bytes(8..<12)) == nil)
            truncate(path, 0)
            truncate(path, 1 << 20)
            let hole = try FoundFile(path: path, largeFrom: 4, chunkSize: 4)
            let (entry, isLarge) = (hole.entry(), hole.isLarge)
            #expect(!isLarge && entry.size == 1 << 20 && entry.content == .none)
        }
    }

    @Test("what exists is kept unless it may be replaced")
    func overwriting() throws {
        try inFolder { folder in
            write("old", "\(folder)/f")
            let entry = FileEntry(path: "f", permissions: 0o644, content: Array("new".utf8))
            let refused = #expect(throws: FileFailure.self) { try extract(entry, folder) }
            #expect(refused?.description == "f: write: Attempt to overwrite existing file")
            #expect(text("\(folder)/f") == "old")
            try extract(entry, folder, overwrites: true)
            #expect(text("\(folder)/f") == "new")
            // A folder with something in it is in nobody's way.
            mkdir("\(folder)/d", 0o755)
            write("x", "\(folder)/d/x")
            let file = FileEntry(path: "d", permissions: 0o644, content: [1])
            #expect(throws: FileFailure.self) { try extract(file, folder, overwrites: true) }
            #expect(text("\(folder)/d/x") == "x")
            try extract(FileEntry(directory: "d", permissions: 0o755), folder)
        }
    }

    @Test("paths that lead out are refused", arguments: ["../f", "a/../../f", "/tmp/f"])
    func escapes(path: String) throws {
        try inFolder { folder in
            var entry = FileEntry(path: "f", permissions: 0o644, content: [1])
            entry.path = path
            #expect(throws: FileFailure.self) { try extract(entry, folder) }
        }
    }

    @Test("devices and what cannot be read are refused")
    func kinds() {
        #expect(throws: FileFailure.self) { _ = try FoundFile(path: "/dev/null", largeFrom: 0, chunkSize: 0).isLarge }
        #expect(throws: FileFailure.self) { _ = try FoundFile(path: "/nosuch", largeFrom: 0, chunkSize: 0).isLarge }
    }
}
