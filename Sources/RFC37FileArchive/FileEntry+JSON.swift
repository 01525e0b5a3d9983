public import FluxJSON

extension FileEntry: Payload {
    /// Reads an entry that carries its path.
    public init(json: JSON) throws(PayloadError) { try self.init(json: json, path: nil) }

    /// Reads an entry.
    ///
    /// - Parameters:
    ///   - json: the entry.
    ///   - key: its key in the dictionary form; a path inside the entry goes before it.
    public init(json: JSON, path key: String?) throws(PayloadError) {
        let fields = try json.requireObject()
        path = try fields.optionalString("path") ?? key
        let mode = try fields.int("mode", as: UInt32.self)
        size = try fields.optionalInt("size").flatMap { $0 < 0 ? nil : $0 }
        mtime = try fields.optionalInt("mtime")
        ctime = try fields.optionalInt("ctime")
        let encoding = try fields.optionalString("encoding")
        guard let kind = Kind(rawValue: mode & 0o170000) else {
            throw PayloadError(path: "mode", expected: "known file type", found: "0\(String(mode, radix: 8))")
        }
        self.kind = kind
        permissions = mode & 0o7777
        content = .none
        switch kind {
        case .directory: break
        case .symlink: content = .target(try fields.string("data"))
        case .regular: if let data = fields["data"] { content = try Self.content(data, encoding) }
        }
        if path == nil { throw PayloadError(path: "path", expected: "string", found: nil) }
    }

    private static func content(_ data: JSON, _ encoding: String?) throws(PayloadError) -> Content {
        switch encoding {
        case nil: return .json(data)
        case "utf-8":
            guard let text = data.stringValue else { throw PayloadError(path: "data", expected: "string", found: data) }
            return .text(text)
        case "base64":
            guard let text = data.stringValue, let bytes = Base64.decode(padded(text)) else {
                throw PayloadError(path: "data", expected: "base64 text", found: data.typeName)
            }
            return .bytes(bytes)
        case "blobvec":
            var blobs: [Blob] = []
            for (index, element) in (data.arrayValue ?? []).enumerated() {
                guard let parts = element.arrayValue, parts.count == 3, let offset = parts[0].intValue,
                    let size = parts[1].intValue, let blobref = parts[2].stringValue, offset >= 0, size >= 0
                else {
                    throw PayloadError(path: "data[\(index)]", expected: "[offset, size, blobref]", found: element)
                }
                blobs.append(Blob(offset: offset, size: size, blobref: blobref))
            }
            return .blobs(blobs)
        case let other?: throw PayloadError(path: "encoding", expected: "utf-8, base64 or blobvec", found: other)
        }
    }

    /// The text with the padding that some writers leave out.
    private static func padded(_ text: String) -> String {
        let rest = text.utf8.count % 4
        return rest < 2 ? text : text + String(repeating: "=", count: 4 - rest)
    }

    /// The entry with its path; key order is flux-core's.
    public var json: JSON {
        var fields = JSON.Object()
        if let path { fields["path"] = .string(path) }
        switch content {
        case .none: break
        case .json(let value): fields["data"] = value
        case .target(let target): fields["data"] = .string(target)
        case .text(let text):
            fields["encoding"] = "utf-8"
            fields["data"] = .string(text)
        case .bytes(let bytes):
            fields["encoding"] = "base64"
            fields["data"] = .string(Base64.encode(bytes))
        case .blobs(let blobs):
            fields["encoding"] = "blobvec"
            fields["data"] = .array(blobs.map { [.int($0.offset), .int($0.size), .string($0.blobref)] })
        }
        if let size { fields["size"] = .int(size) }
        if let mtime { fields["mtime"] = .int(mtime) }
        if let ctime { fields["ctime"] = .int(ctime) }
        fields["mode"] = .int(Int64(mode))
        return .object(fields)
    }
}
