internal import ArchiveFiles
internal import Blob
internal import Client
internal import CommandKit
internal import FluxJSON
internal import Glibc
internal import KVSClient
internal import RFC03Message
internal import RFC10Content
internal import RFC11TreeObject
internal import RFC37FileArchive

@Sendable func createArchive(_ arguments: Arguments) throws -> Int32 {
    let settings = try ArchiveCreation.Settings(arguments)
    if arguments.has("overwrite"), arguments.has("append") {
        throw CommandError("--overwrite and --append cannot be used together")
    }
    return try Session.run(arguments) { flux in
        if settings.isMapped { try await checkMapping(flux, arguments) }
        let algorithm = (try? await flux.attribute("content.hash")).flatMap { Blobref.Algorithm(rawValue: $0) } ?? .sha1
        if let folder = arguments.value("directory"), chdir(folder) != 0 {
            throw CommandError("chdir \(folder): \(SystemText.of(errno))")
        }
        var creation = ArchiveCreation(flux, ArchivePlace(arguments), settings, algorithm)
        try await creation.prepare(overwrites: arguments.has("overwrite"), appends: arguments.has("append"))
        for path in arguments.operands { try await creation.add(path, prints: arguments.level("verbose") > 0) }
        try await creation.commit()
        return 0
    }
}

private func checkMapping(_ flux: Handle, _ arguments: Arguments) async throws {
    guard try await flux.rank() == 0 else { throw CommandError("--mmap only works on the rank 0 broker") }
    for option in ["preserve", "no-force-primary"] where arguments.has(option) {
        throw CommandError("--mmap cannot work with --\(option)")
    }
}

/// An archive that is being made: files become RFC 37 objects, the content of large ones becomes blobs.
struct ArchiveCreation {
    struct Settings: Sendable {
        /// Bytes; 0 for no limit.
        let chunkSize: Int64
        /// Larger files become blobs.
        let smallFileLimit: Int64
        let isMapped: Bool
        let isPreserved: Bool

        init(_ arguments: Arguments) throws(CommandError) {
            chunkSize = try Self.size("chunksize", arguments) ?? 1 << 20
            smallFileLimit = try Self.size("small-file-threshold", arguments) ?? 1 << 10
            isMapped = arguments.has("mmap")
            isPreserved = arguments.has("preserve")
        }

        private static func size(_ name: String, _ arguments: Arguments) throws(CommandError) -> Int64? {
            guard let size = try arguments.size(name) else { return nil }
            guard size <= Int32.max else {
                throw arguments.optionError("\(name): value \(arguments.value(name) ?? "") too large (must be < 2G)")
            }
            return Int64(size)
        }
    }

    /// Blobs that are stored at the same time.
    private static let window = 8

    private let flux: Handle
    private let place: ArchivePlace
    private let settings: Settings
    private let algorithm: Blobref.Algorithm
    private var elements: [JSON] = []
    private var transaction = KVSTransaction()
    private var preservedCount = 0

    init(_ flux: Handle, _ place: ArchivePlace, _ settings: Settings, _ algorithm: Blobref.Algorithm) {
        self.flux = flux
        self.place = place
        self.settings = settings
        self.algorithm = algorithm
    }

    /// Deals with an archive of that name.
    mutating func prepare(overwrites: Bool, appends: Bool) async throws(CommandError) {
        if overwrites { return try await place.remove(flux, mustExist: false) }
        guard let object = try? await flux.lookupObject(place.key, namespace: place.namespace),
            let existing = try? ArchivePlace.decode(object)
        else { return }
        guard appends else { throw CommandError("\(place.key): key exists") }
        elements = existing.arrayValue ?? []
    }

    /// Adds a file, or a folder with all below it.
    mutating func add(_ path: String, prints: Bool) async throws {
        let paths: [String]
        do throws(FileFailure) { paths = try FolderWalk.paths(below: path) } catch { throw CommandError("\(error)") }
        for path in paths where path != "." || paths.count == 1 {
            if prints { print(path) }
            try await add(file: path)
        }
    }

    private mutating func add(file path: String) async throws {
        do {
            let file = try FoundFile(path: path, largeFrom: settings.smallFileLimit, chunkSize: settings.chunkSize)
            var blobs: [FileEntry.Blob] = []
            var start = 0
            while start < file.pieces.count {
                let end = min(file.pieces.count, start + Self.window)
                blobs += try await store(path, file.pieces[start..<end].map { ($0, try file.bytes($0)) })
                start = end
            }
            elements.append(file.entry(blobs: blobs).json)
            if settings.isMapped, file.isLarge { try await map(path) }
        } catch let error as FileFailure {
            throw CommandError("\(error)")
        }
    }

    /// Stores pieces of a file, or only names them when the file is mapped.
    private mutating func store(_ path: String, _ pieces: [(range: Range<Int64>, bytes: [UInt8])]) async throws
        -> [FileEntry.Blob]
    {
        let references = pieces.map { algorithm.reference(to: $0.bytes) }
        if !settings.isMapped {
            let answers = await flux.askAll(pieces.map { .request("content.store", payload: $0.bytes) })
            for case .failure(let error) in answers { throw CommandError("\(path): error storing blob: \(error)") }
        }
        if settings.isPreserved {
            for reference in references {
                transaction.put("\(place.blobsKey).\(preservedCount)", object: TreeObject.valref([reference]).json)
                preservedCount += 1
            }
        }
        return zip(pieces, references).map { piece, reference in
            FileEntry.Blob(
                offset: piece.range.lowerBound, size: Int64(piece.range.count), blobref: reference.description)
        }
    }

    /// Lets the leader offer the chunks of a file.
    private func map(_ path: String) async throws(CommandError) {
        guard let area = realpath(path, nil) else { throw CommandError("\(path): \(SystemText.of(errno))") }
        defer { free(area) }
        let payload: JSON = [
            "path": .string(String(cString: area)), "chunksize": .int(settings.chunkSize), "tag": .string(place.name),
        ]
        do throws(RPCError) { try await flux.rpc("content.mmap-add", payload, nodeID: 0) } catch {
            throw CommandError("\(path): \(error)")
        }
    }

    /// Stores the archive itself.
    func commit() async throws(CommandError) {
        var transaction = transaction
        transaction.put(place.key, JSON.array(elements).bytes)
        do throws(RPCError) { try await flux.commit(transaction, namespace: place.namespace) } catch {
            throw CommandError("kvs commit: \(error)")
        }
    }
}
