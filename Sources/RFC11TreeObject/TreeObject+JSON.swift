public import FluxJSON
internal import RFC10Content

extension TreeObject: Payload, Codable {
    /// Reads a tree object from JSON. Exactly the members `ver`, `type` and `data` are allowed.
    ///
    /// - Throws: `PayloadError` with the path of the first problem; EINVAL on the wire.
    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        let version = try object.int("ver")
        guard version == 1 else { throw PayloadError(path: "ver", expected: "1", found: "\(version)") }
        let type = try object.string("type"), data = try object.value("data")
        guard object.count == 3 else {
            let extra = object.keys.first { !["ver", "type", "data"].contains($0) } ?? ""
            throw PayloadError(path: extra, expected: "only ver, type and data", found: object[extra])
        }
        do throws(PayloadError) {
            switch type {
            case "val": self = .val(Value(base64: try base64Text(data)))
            case "valref": self = .valref(try references(data))
            case "dirref": self = .dirref(try references(data))
            case "dir": self = .dir(try Directory(members: try data.requireObject()))
            case "symlink":
                let link = try data.requireObject()
                if let extra = link.keys.first(where: { $0 != "target" && $0 != "namespace" }) {
                    throw PayloadError(path: extra, expected: "only target and namespace", found: link[extra])
                }
                self = .symlink(target: try link.string("target"), namespace: try link.optionalString("namespace"))
            default: throw PayloadError(path: "type", expected: "val, valref, dir, dirref or symlink", found: type)
            }
        } catch {
            throw error.path == "type" ? error : error.inside("data")
        }
    }

    /// Reads the text of a tree object.
    ///
    /// - Throws: ``ParseError``.
    public init(parsing text: String) throws(ParseError) {
        let json: JSON
        do throws(JSON.ParseError) { json = try JSON(parsing: text) } catch { throw .notJSON(error) }
        do throws(PayloadError) { try self.init(json: json) } catch { throw .notATreeObject(error) }
    }

    /// Reads a stored tree object.
    ///
    /// - Throws: ``ParseError``.
    public init(parsing bytes: some Collection<UInt8>) throws(ParseError) {
        let json: JSON
        do throws(JSON.ParseError) { json = try JSON(parsing: bytes) } catch { throw .notJSON(error) }
        do throws(PayloadError) { try self.init(json: json) } catch { throw .notATreeObject(error) }
    }

    /// Why bytes are not a tree object.
    public enum ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        /// They are not JSON.
        case notJSON(JSON.ParseError)
        /// They are other JSON.
        case notATreeObject(PayloadError)

        public var description: String {
            switch self {
            case .notJSON(let error): "tree object: \(error)"
            case .notATreeObject(let error): "tree object: \(error)"
            }
        }
    }

    /// The object as JSON, members sorted.
    public var json: JSON {
        let data: JSON
        switch self {
        case .val(let value): data = .string(value.base64)
        case .valref(let references), .dirref(let references):
            data = .array(references.map { .string($0.description) })
        case .dir(let directory):
            var members = JSON.Object()
            members.reserveCapacity(directory.count)
            for (name, value) in directory { members[name] = value.json }
            data = .object(members)
        case .symlink(let target, let namespace):
            var link = JSON.Object()
            if let namespace { link["namespace"] = .string(namespace) }
            link["target"] = .string(target)
            data = .object(link)
        }
        return ["data": data, "type": .string(typeName), "ver": 1]
    }

    /// The canonical text: compact, members sorted. Equal trees have equal texts and so equal blob references.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The canonical text as UTF-8: what is stored, and what the blob reference is the digest of.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    /// Appends the canonical text as UTF-8.
    public func append(to bytes: inout [UInt8]) {
        switch self {
        case .val(let value):
            bytes.append(contentsOf: #"{"data":"#.utf8)
            JSON.append(quoted: value.base64, to: &bytes)
            bytes.append(contentsOf: #","type":"val","ver":1}"#.utf8)
        case .valref(let references):
            append(references, to: &bytes)
            bytes.append(contentsOf: #"],"type":"valref","ver":1}"#.utf8)
        case .dirref(let references):
            append(references, to: &bytes)
            bytes.append(contentsOf: #"],"type":"dirref","ver":1}"#.utf8)
        case .dir(let directory):
            bytes.append(contentsOf: #"{"data":{"#.utf8)
            directory.append(to: &bytes)
            bytes.append(contentsOf: #"},"type":"dir","ver":1}"#.utf8)
        case .symlink: json.append(to: &bytes)
        }
    }

    private func append(_ references: [Blobref], to bytes: inout [UInt8]) {
        bytes.append(contentsOf: #"{"data":["#.utf8)
        for (index, reference) in references.enumerated() {
            bytes.append(contentsOf: (index == 0 ? "\"" : ",\"").utf8)
            reference.append(to: &bytes)
            bytes.append(UInt8(ascii: "\""))
        }
    }
}

private func base64Text(_ data: JSON) throws(PayloadError) -> String {
    guard let text = data.stringValue else { throw PayloadError(path: "", expected: "base64 string", found: data) }
    return text
}

private func references(_ data: JSON) throws(PayloadError) -> [Blobref] {
    guard let elements = data.arrayValue, !elements.isEmpty else {
        throw PayloadError(path: "", expected: "array of blob references", found: data)
    }
    var references: [Blobref] = []
    references.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
        guard let text = element.stringValue, let reference = try? Blobref(parsing: text) else {
            throw PayloadError(path: "[\(index)]", expected: "blob reference", found: element)
        }
        references.append(reference)
    }
    return references
}
