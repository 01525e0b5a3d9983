package import RFC10Content
internal import Blob
internal import FluxJSON

/// A directory object as sorted pieces of its own canonical text.
///
/// Copies share pieces; a change rewrites one piece of some kilobytes. Storing the directory again therefore costs one
/// pass of the digest over the text and nothing per entry.
///
/// Complexity: looking up is logarithmic; a change copies one piece and the list of pieces.
package struct Directory: Hashable, Sendable {
    /// Entries that follow each other: `"a":{…},"b":{…}`.
    struct Piece: Hashable, Sendable {
        var text: [UInt8] = []
        /// Offset of the quote with which each entry begins.
        var starts: [Int] = []
    }

    /// Bytes at which a piece is divided.
    static let pieceLimit = 8192

    /// None of them is empty.
    var pieces: [Piece] = []
    package internal(set) var count = 0
    /// Bytes of the entries without the commas between pieces.
    var textSize = 0

    package init() {}

    package var isEmpty: Bool { count == 0 }

    // MARK: The object as a blob

    static let head = Array(#"{"data":{"#.utf8)
    static let tail = Array(#"},"type":"dir","ver":1}"#.utf8)

    /// Length of the blob in bytes.
    package var blobSize: Int { Self.head.count + Self.tail.count + textSize + max(0, pieces.count - 1) }

    /// The canonical text: what is stored.
    package var blob: [UInt8] {
        var blob: [UInt8] = []
        blob.reserveCapacity(blobSize)
        append(to: &blob)
        return blob
    }

    package func append(to output: inout [UInt8]) {
        output.append(contentsOf: Self.head)
        for (index, piece) in pieces.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            output.append(contentsOf: piece.text)
        }
        output.append(contentsOf: Self.tail)
    }

    /// The reference of the blob.
    package func reference(_ algorithm: Blobref.Algorithm) -> Blobref {
        if pieces.count <= 1 { return algorithm.reference(to: blob) }
        return algorithm.reference { update in
            Self.head.withUnsafeBytes { update($0) }
            for (index, piece) in pieces.enumerated() {
                if index > 0 { [UInt8(ascii: ",")].withUnsafeBytes { update($0) } }
                piece.text.withUnsafeBytes { update($0) }
            }
            Self.tail.withUnsafeBytes { update($0) }
        }
    }

    // MARK: Entries

    package subscript(name: String) -> Entry? {
        guard let (piece, position, isPresent) = place(of: name), isPresent else { return nil }
        return pieces[piece].entry(at: position)
    }

    /// Puts an entry, replacing one of the same name.
    package mutating func set(_ name: String, _ entry: Entry) {
        guard let (piece, position, isPresent) = place(of: name) else {
            pieces = [Piece()]
            pieces[0].insert(name, entry.text, at: 0)
            count = 1
            textSize = pieces[0].text.count
            return
        }
        let before = pieces[piece].text.count
        if isPresent {
            pieces[piece].replace(at: position, with: entry.text)
        } else {
            pieces[piece].insert(name, entry.text, at: position)
            count += 1
        }
        textSize += pieces[piece].text.count - before
        divide(piece)
    }

    /// Removes an entry; an unknown name is no error.
    package mutating func remove(_ name: String) {
        guard let (piece, position, isPresent) = place(of: name), isPresent else { return }
        let before = pieces[piece].text.count
        pieces[piece].remove(at: position)
        textSize += pieces[piece].text.count - before
        count -= 1
        if pieces[piece].starts.isEmpty { pieces.remove(at: piece) }
    }

    /// All entries in order.
    package func forEach(_ body: (String, Entry) -> Void) {
        for piece in pieces {
            for position in piece.starts.indices {
                if let entry = piece.entry(at: position) { body(piece.name(at: position), entry) }
            }
        }
    }

    /// Where an entry is or would be; nil in an empty directory.
    private func place(of name: String) -> (piece: Int, position: Int, isPresent: Bool)? {
        guard !pieces.isEmpty else { return nil }
        var name = name
        return name.withUTF8 { name in
            // The last piece whose first name is not behind the one that is looked for.
            var (low, high) = (0, pieces.count)
            while high - low > 1 {
                let middle = (low + high) / 2
                if pieces[middle].compareName(at: 0, with: name) <= 0 { low = middle } else { high = middle }
            }
            let (position, isPresent) = pieces[low].position(of: name)
            return (low, position, isPresent)
        }
    }

    private mutating func divide(_ index: Int) {
        let piece = pieces[index]
        guard piece.text.count > Self.pieceLimit, piece.starts.count > 1 else { return }
        // In the middle; at the end when names arrive in order, so that pieces become full.
        let isGrowingAtEnd = index == pieces.count - 1
        let cut = isGrowingAtEnd ? piece.starts.count - 1 : piece.starts.count / 2
        let offset = piece.starts[cut]
        var first = Piece()
        var second = Piece()
        first.text = Array(piece.text[..<(offset - 1)])
        first.starts = Array(piece.starts[..<cut])
        second.text = Array(piece.text[offset...])
        second.starts = piece.starts[cut...].map { $0 - offset }
        pieces[index] = first
        pieces.insert(second, at: index + 1)
        textSize -= 1
    }
}
