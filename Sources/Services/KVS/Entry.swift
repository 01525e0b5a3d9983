internal import FluxJSON
package import RFC10Content
package import RFC11TreeObject

/// One entry of a directory as its canonical text, which is what is stored, hashed and sent.
///
/// Entries are read from their text when somebody looks at them; most only pass through.
package struct Entry: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case val, valref, dir, dirref, symlink
    }

    package let kind: Kind
    /// Canonical text: compact JSON, members sorted.
    package let text: ArraySlice<UInt8>

    init(kind: Kind, text: ArraySlice<UInt8>) {
        self.kind = kind
        self.text = text
    }

    /// - Returns: nil when the text is not the canonical text of a tree object.
    init?(text: ArraySlice<UInt8>) {
        guard let kind = Self.kind(of: text) else { return nil }
        self.kind = kind
        self.text = text
    }

    package init(_ object: TreeObject) {
        kind = Kind(rawValue: object.typeName) ?? .val
        text = object.bytes[...]
    }

    package static func dirref(_ reference: Blobref) -> Entry { .init(references: [reference], .dirref) }
    package static func valref(_ references: [Blobref]) -> Entry { .init(references: references, .valref) }

    private init(references: [Blobref], _ kind: Kind) {
        var text: [UInt8] = []
        text.reserveCapacity(32 + references.count * 48)
        text.append(contentsOf: #"{"data":["#.utf8)
        for (index, reference) in references.enumerated() {
            text.append(contentsOf: (index == 0 ? "\"" : ",\"").utf8)
            reference.append(to: &text)
            text.append(UInt8(ascii: "\""))
        }
        text.append(contentsOf: #"],"type":""#.utf8)
        text.append(contentsOf: kind.rawValue.utf8)
        text.append(contentsOf: #"","ver":1}"#.utf8)
        self.kind = kind
        self.text = text[...]
    }

    /// A value from its base64 text.
    package init(base64: String) {
        var text: [UInt8] = []
        text.reserveCapacity(base64.utf8.count + 32)
        text.append(contentsOf: #"{"data":"#.utf8)
        JSON.append(quoted: base64, to: &text)
        text.append(contentsOf: Self.tails[.val] ?? [])
        self.kind = .val
        self.text = text[...]
    }

    /// What the canonical text ends with, behind the data.
    private static let tails: [Kind: [UInt8]] = Dictionary(
        uniqueKeysWithValues: Kind.allCases.map { ($0, Array(",\"type\":\"\($0.rawValue)\",\"ver\":1}".utf8)) })
    private static let kindsWithTails = Kind.allCases.map { ($0, tails[$0] ?? []) }
    private static let head = Array(#"{"data":"#.utf8)

    static func kind(of text: ArraySlice<UInt8>) -> Kind? { text.withUnsafeBufferPointer { kind(of: $0) } }

    /// The kind by head and tail of the text; what is between is looked at when it is used.
    static func kind(of text: UnsafeBufferPointer<UInt8>) -> Kind? {
        guard text.count > head.count + 1, text.starts(with: head) else { return nil }
        let kind = kindsWithTails.first { kind, tail in
            text.count > head.count + tail.count && text[(text.count - tail.count)...].elementsEqual(tail)
        }?.0
        let expected: UInt8? =
            switch kind {
            case .val: UInt8(ascii: "\"")
            case .valref, .dirref: UInt8(ascii: "[")
            case .dir, .symlink: UInt8(ascii: "{")
            case nil: nil
            }
        return text[head.count] == expected ? kind : nil
    }

    /// The text of the data: a quoted string, an array or an object.
    private var data: ArraySlice<UInt8> { text.dropFirst(Self.head.count).dropLast(Self.tails[kind]?.count ?? 0) }

    /// The blobs of a `valref` or `dirref`; nil when one of them is no blobref.
    package var references: [Blobref]? {
        guard kind == .valref || kind == .dirref else { return nil }
        var references: [Blobref] = []
        for part in data.dropFirst().dropLast().split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let digits = part.dropFirst().dropLast()
            let reference = digits.withUnsafeBytes { try? Blobref(parsing: $0) }
            guard let reference else { return nil }
            references.append(reference)
        }
        return references
    }

    /// The reference of a `dirref` that has exactly one, as RFC 11 wants it.
    package var directoryReference: Blobref? {
        guard kind == .dirref, let references, references.count == 1 else { return nil }
        return references[0]
    }

    /// The bytes of a `val`; nil for other kinds and for what is no base64.
    package var valueBytes: [UInt8]? {
        guard kind == .val else { return nil }
        return Base64.decode(String(decoding: data.dropFirst().dropLast(), as: UTF8.self))
    }

    /// Target and namespace of a `symlink`.
    package var link: (target: String, namespace: String?)? {
        guard kind == .symlink, let object = try? JSON(parsing: data).objectValue,
            let target = object["target"]?.stringValue
        else { return nil }
        return (target, object["namespace"]?.stringValue)
    }

    /// A `valref` with one more blob.
    package func appending(_ reference: Blobref) -> Entry {
        let tail = Self.tails[.valref] ?? []
        var longer: [UInt8] = []
        longer.reserveCapacity(text.count + 80)
        longer.append(contentsOf: text.dropLast(tail.count + 1))
        longer.append(contentsOf: ",\"".utf8)
        reference.append(to: &longer)
        longer.append(contentsOf: "\"]".utf8)
        longer.append(contentsOf: tail)
        return Entry(kind: .valref, text: longer[...])
    }
}
