internal import FluxJSON
package import RFC11TreeObject

extension Directory {
    /// Reads a stored directory object.
    ///
    /// Canonical text, which is all that either implementation writes, is only divided; other text goes through the
    /// parser of tree objects.
    ///
    /// - Returns: nil when the blob is no directory object.
    package init?(blob: [UInt8]) {
        if let directory = Self.dividing(blob) {
            self = directory
            return
        }
        guard let object = try? TreeObject(parsing: blob), case .dir(let entries) = object else { return nil }
        self.init(entries)
    }

    package init(_ entries: TreeObject.Directory) {
        for (name, value) in entries { set(name, Entry(value)) }
    }

    private static func dividing(_ blob: [UInt8]) -> Directory? {
        guard blob.count >= head.count + tail.count, blob.starts(with: head),
            blob.suffix(tail.count).elementsEqual(tail)
        else { return nil }
        let end = blob.count - tail.count
        return blob.withUnsafeBufferPointer { bytes in
            var scanner = EntryScanner(bytes: bytes, offset: head.count, end: end)
            var directory = Directory()
            var piece = Piece()
            var pieceStart = head.count
            func finish(at offset: Int) {
                piece.text = Array(bytes[pieceStart..<offset])
                directory.pieces.append(piece)
                directory.textSize += piece.text.count
                directory.count += piece.starts.count
            }
            while scanner.offset < end {
                let start = scanner.offset
                guard scanner.skipEntry() else { return nil }
                piece.starts.append(start - pieceStart)
                guard scanner.offset < end else { break }
                guard scanner.skip(UInt8(ascii: ",")), scanner.offset < end else { return nil }
                if scanner.offset - pieceStart > pieceLimit / 2 {
                    finish(at: scanner.offset - 1)
                    piece = Piece()
                    pieceStart = scanner.offset
                }
            }
            if !piece.starts.isEmpty { finish(at: end) }
            return directory.isInOrder ? directory : nil
        }
    }

    private var isInOrder: Bool {
        var last: String?
        for piece in pieces {
            for position in piece.starts.indices {
                if var last {
                    let isAhead = last.withUTF8 { piece.compareName(at: position, with: $0) > 0 }
                    guard isAhead else { return false }
                }
                last = piece.name(at: position)
            }
        }
        return true
    }
}

/// Walks over `"name":{"data":…,"type":"…","ver":1}` without making values of it.
private struct EntryScanner {
    let bytes: UnsafeBufferPointer<UInt8>
    var offset: Int
    let end: Int

    mutating func skip(_ byte: UInt8) -> Bool {
        guard offset < end, bytes[offset] == byte else { return false }
        offset += 1
        return true
    }

    /// Skips one entry; false when it is not one in canonical form.
    mutating func skipEntry() -> Bool {
        guard skipString(), skip(UInt8(ascii: ":")) else { return false }
        let start = offset
        guard skipObject() else { return false }
        return Entry.kind(of: UnsafeBufferPointer(rebasing: bytes[start..<offset])) != nil
    }

    private mutating func skipString() -> Bool {
        guard skip(UInt8(ascii: "\"")) else { return false }
        while offset < end {
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                offset += 1
                return true
            case UInt8(ascii: "\\"): offset += 2
            case 0..<0x20: return false
            default: offset += 1
            }
        }
        return false
    }

    private mutating func skipObject() -> Bool {
        guard offset < end, bytes[offset] == UInt8(ascii: "{") else { return false }
        var depth = 0
        while offset < end {
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                guard skipString() else { return false }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 {
                    offset += 1
                    return true
                }
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): return false
            default: break
            }
            offset += 1
        }
        return false
    }
}
