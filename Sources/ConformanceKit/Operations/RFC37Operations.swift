import Digest
import FluxJSON
import RFC37FileArchive

/// Operations of the vectors in `rfc37-file-archive`.
enum RFC37Operations: Operations {
    static let folder = "rfc37-file-archive"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        switch op {
        case "create": try create(input, blobs: nil)
        case "create-blobvec": try create(input, blobs: Blobs(input))
        case "extract": try extract(input)
        default: nil
        }
    }

    private struct Refused: Error, CustomStringConvertible { let description: String }

    private struct Blobs {
        let chunkSize: Int64, threshold: Int64
        let blobref: (ArraySlice<UInt8>) -> String

        init(_ input: JSON.Object) throws {
            chunkSize = try input.int("chunksize")
            threshold = try input.int("small_file_threshold")
            let name = try input.string("hashtype")
            blobref = { "\(name)-" + hex(name == "sha256" ? Digest.sha256($0) : Digest.sha1($0)) }
        }
    }

    private static func create(_ input: JSON.Object, blobs: Blobs?) throws -> JSON {
        let path = try input.string("path")
        guard let object = input["object"]?.objectValue else { throw Refused(description: "\(path): no such file") }
        let permissions = UInt32(object["perm"]?.stringValue?.dropFirst(2) ?? "", radix: 8) ?? 0
        let mtime = try object.optionalInt("mtime")
        switch try object.string("kind") {
        case "directory": return FileEntry(directory: path, permissions: permissions, mtime: mtime).json
        case "symlink": return FileEntry(symlink: path, target: try object.string("target")).json
        case "regular": break
        default: throw Refused(description: "\(path): unsupported file type")
        }
        guard let text = try object.optionalString("content_hex") else {  // one hole
            let size = try object.int("size")
            return FileEntry(path: path, permissions: permissions, size: size, blobs: [], mtime: mtime).json
        }
        let content = try unhex(text)
        let size = Int64(content.count)
        guard let blobs, size > blobs.threshold else {
            return FileEntry(path: path, permissions: permissions, content: content, mtime: mtime).json
        }
        let vector = FileEntry.chunks(of: [0..<size], chunkSize: blobs.chunkSize).map { range in
            FileEntry.Blob(
                offset: range.lowerBound, size: range.upperBound - range.lowerBound,
                blobref: blobs.blobref(content[Int(range.lowerBound)..<Int(range.upperBound)]))
        }
        return FileEntry(path: path, permissions: permissions, size: size, blobs: vector, mtime: mtime).json
    }

    private static func extract(_ input: JSON.Object) throws -> JSON {
        var files: [String: JSON] = [:]
        for entry in try FileArchive(json: try input.value("archive")).entries {
            let node = try entry.extracted()
            // Walk the path as a file system does: a/../b makes a.
            guard !(entry.path ?? "/").hasPrefix("/"), let place = entry.components else { continue }
            var walked: [String] = []
            let parts = (entry.path ?? "").split(separator: "/").filter { $0 != "." }
            for part in parts.dropLast() {
                if part == ".." { _ = walked.popLast() } else { walked.append(String(part)) }
                if !walked.isEmpty {
                    files[walked.joined(separator: "/"), default: directory(0o755)] = directory(0o755)
                }
            }
            guard !place.isEmpty else { continue }
            files[place.joined(separator: "/")] = try describe(node)
        }
        return ["files": .object(JSON.Object(files.map { ($0.key, $0.value) }))]
    }

    private static func octal(_ permissions: UInt32) -> JSON {
        .string("0o" + String(permissions & ~0o022, radix: 8))
    }

    private static func directory(_ permissions: UInt32) -> JSON {
        ["type": "directory", "perm": octal(permissions)]
    }

    private static func describe(_ node: FileEntry.Node) throws -> JSON {
        switch node {
        case .directory(let permissions): return directory(permissions)
        case .symlink(let target): return ["type": "symlink", "target": .string(target)]
        case .regular(let permissions, let size, let extents):
            guard size <= 1 << 28 else { throw Refused(description: "too large for a test") }
            var content = [UInt8](repeating: 0, count: Int(size))
            for extent in extents {
                guard case .bytes(let bytes) = extent.source else { throw Refused(description: "no blob store here") }
                content.replaceSubrange(Int(extent.offset)..<Int(extent.offset + extent.size), with: bytes)
            }
            return [
                "type": "regular", "perm": octal(permissions), "content_hex": .string(hex(content)), "size": .int(size),
            ]
        }
    }
}
