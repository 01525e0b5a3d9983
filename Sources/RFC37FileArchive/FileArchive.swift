public import FluxJSON

/// A collection of files: a JSON array, or an object whose keys are the paths.
///
/// Anything else holds no files (observed: flux-core 0.88).
public struct FileArchive: Payload, Hashable {
    /// The files in order of extraction; a later one with the same path replaces the earlier.
    public var entries: [FileEntry]

    public init(entries: [FileEntry] = []) { self.entries = entries }

    public init(json: JSON) throws(PayloadError) {
        entries = []
        switch json {
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                do { entries.append(try FileEntry(json: element)) } catch { throw error.inside("[\(index)]") }
            }
        case .object(let members):
            for (key, element) in members {
                do { entries.append(try FileEntry(json: element, path: key)) } catch { throw error.inside(key) }
            }
        default: break
        }
    }

    /// The array form.
    public var json: JSON { .array(entries.map(\.json)) }

    /// The dictionary form: entries by path, without a path of their own.
    public var dictionary: JSON.Object {
        var members = JSON.Object()
        for entry in entries {
            var bare = entry
            bare.path = nil
            members[entry.path ?? ""] = bare.json
        }
        return members
    }
}
