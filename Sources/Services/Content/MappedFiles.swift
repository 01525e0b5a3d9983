internal import Blob
internal import FluxJSON
internal import RFC10Content

/// Files whose parts can be loaded by digest without being copied into the store.
///
/// Nothing of them is kept in memory: each load reads the file and computes the digest again, so that a file which has
/// changed, was cut or has gone is noticed, and none of it harms the broker.
struct MappedFiles: Sendable {
    private struct Place: Sendable {
        let path: String
        let range: Range<Int>
    }

    private var byTag: [String: [MappedFile]] = [:]
    private var places: [Blobref: Place] = [:]

    /// Offers each chunk of a file's data.
    mutating func add(_ file: MappedFile, tag: String) {
        byTag[tag, default: []].append(file)
        offer(file)
    }

    /// Takes back all files of a tag; a tag that is not known is no error.
    mutating func remove(tag: String) {
        guard byTag.removeValue(forKey: tag) != nil else { return }
        // Another file may hold a chunk that went with the removed ones.
        places = [:]
        for (_, files) in byTag.sorted(by: { $0.key < $1.key }) {
            for file in files { offer(file) }
        }
    }

    private mutating func offer(_ file: MappedFile) {
        for (hash, range) in file.chunks where places[hash] == nil { places[hash] = Place(path: file.path, range: range) }
    }

    /// A chunk that was asked for.
    enum Finding: Hashable {
        case unknown
        case blob([UInt8])
        /// The file does not have it any more.
        case changed
    }

    /// Reads a chunk.
    func find(_ hash: Blobref) -> Finding {
        guard let place = places[hash] else { return .unknown }
        do throws(MappedFile.Failure) {
            let blob = try FileReader(path: place.path).bytes(place.range)
            return hash.algorithm.reference(to: blob) == hash ? .blob(blob) : .changed
        } catch {
            return .changed
        }
    }

    /// `{"tags": {TAG: [PATH, …]}, "blobs": N}`.
    var statistics: JSON {
        var tags = JSON.Object()
        for (tag, files) in byTag.sorted(by: { $0.key < $1.key }) {
            tags[tag] = .array(files.map { .string($0.path) })
        }
        return ["tags": .object(tags), "blobs": .int(Int64(places.count))]
    }
}
