internal import ArchiveFiles
internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC03Message
internal import RFC10Content
internal import RFC37FileArchive

/// Writes the files of an archive into the working directory.
struct ArchiveExtraction {
    private let flux: Handle
    private let showsPaths: Bool
    private let overwrites: Bool
    /// Blobs that are loaded at the same time.
    private static let window = 8

    init(_ flux: Handle, _ arguments: Arguments) {
        self.flux = flux
        showsPaths = arguments.level("verbose") > 0
        overwrites = arguments.has("overwrite")
    }

    func write(_ elements: [JSON]) async throws(CommandError) {
        var extraction = Extraction(folder: ".", overwrites: overwrites)
        for element in elements {
            let entry: FileEntry
            do throws(PayloadError) { entry = try FileEntry(json: element) } catch {
                throw CommandError("error decoding fileref object: \(error)")
            }
            if showsPaths { printError(entry.path ?? "") }
            do {
                guard let file = try extraction.begin(entry) else { continue }
                try await fill(file, entry.path ?? "")
            } catch let error as CommandError {
                throw error
            } catch {
                throw CommandError("\(error)")
            }
        }
        extraction.finish()
    }

    private func fill(_ file: borrowing OutputFile, _ path: String) async throws {
        var start = 0
        while start < file.extents.count {
            let group = file.extents[start..<min(file.extents.count, start + Self.window)]
            start = group.endIndex
            var blobs: [(FileEntry.Extent, String, Blobref)] = []
            for extent in group {
                switch extent.source {
                case .bytes(let bytes): try file.write(bytes, at: extent.offset)
                case .blob(let name):
                    guard let reference = try? Blobref(parsing: name) else {
                        throw failure(path, extent, name, "Invalid argument")
                    }
                    blobs.append((extent, name, reference))
                }
            }
            let answers = await flux.askAll(blobs.map { Handle.loadRequest($0.2, bypassingCache: false) })
            for ((extent, name, _), answer) in zip(blobs, answers) {
                let blob: [UInt8]
                switch answer {
                case .success(let message): blob = message.payload ?? []
                case .failure(let error): throw failure(path, extent, name, "\(error)")
                }
                guard blob.count == extent.size else {
                    throw failure(path, extent, name, "unexpected size \(blob.count)")
                }
                try file.write(blob, at: extent.offset)
            }
        }
        try file.finish()
    }

    private func failure(_ path: String, _ extent: FileEntry.Extent, _ name: String, _ reason: String) -> CommandError {
        CommandError("\(path): error loading offset=\(extent.offset) size=\(extent.size) from \(name): \(reason)")
    }
}
