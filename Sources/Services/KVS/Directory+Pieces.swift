internal import FluxJSON

extension Directory.Piece {
    /// Offset behind the last byte of an entry, the comma not included.
    func end(of position: Int) -> Int { position + 1 < starts.count ? starts[position + 1] - 1 : text.count }

    /// Where a name is or would be.
    func position(of name: UnsafeBufferPointer<UInt8>) -> (position: Int, isPresent: Bool) {
        var (low, high) = (0, starts.count)
        if high > 0, compareName(at: high - 1, with: name) < 0 { return (high, false) }
        while low < high {
            let middle = (low + high) / 2
            let order = compareName(at: middle, with: name)
            if order == 0 { return (middle, true) }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return (low, false)
    }

    /// Less than, equal to or greater than 0, by bytes.
    func compareName(at position: Int, with name: UnsafeBufferPointer<UInt8>) -> Int {
        var offset = starts[position] + 1
        for byte in name {
            let own = text[offset]
            if own == UInt8(ascii: "\\") { return compareEscapedName(at: position, with: name) }
            if own == UInt8(ascii: "\"") { return -1 }
            if own != byte { return Int(own) - Int(byte) }
            offset += 1
        }
        return text[offset] == UInt8(ascii: "\"") ? 0 : 1
    }

    private func compareEscapedName(at position: Int, with name: UnsafeBufferPointer<UInt8>) -> Int {
        let own = Array(self.name(at: position).utf8)
        if own.elementsEqual(name) { return 0 }
        return own.lexicographicallyPrecedes(name) ? -1 : 1
    }

    /// Offset of the quote that ends a name.
    private func nameEnd(at position: Int) -> Int {
        var offset = starts[position] + 1
        while text[offset] != UInt8(ascii: "\"") { offset += text[offset] == UInt8(ascii: "\\") ? 2 : 1 }
        return offset
    }

    func name(at position: Int) -> String {
        let quoted = text[starts[position]...nameEnd(at: position)]
        if quoted.contains(UInt8(ascii: "\\")), let name = (try? JSON(parsing: quoted))?.stringValue { return name }
        return String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self)
    }

    func entry(at position: Int) -> Entry? {
        Entry(text: text[(nameEnd(at: position) + 2)..<end(of: position)])
    }

    mutating func replace(at position: Int, with entry: ArraySlice<UInt8>) {
        let range = (nameEnd(at: position) + 2)..<end(of: position)
        let growth = entry.count - range.count
        text.replaceSubrange(range, with: entry)
        if growth != 0 {
            for later in (position + 1)..<max(position + 1, starts.count) { starts[later] += growth }
        }
    }

    mutating func insert(_ name: String, _ entry: ArraySlice<UInt8>, at position: Int) {
        var whole: [UInt8] = []
        whole.reserveCapacity(entry.count + name.utf8.count + 8)
        JSON.append(quoted: name, to: &whole)
        whole.append(UInt8(ascii: ":"))
        whole.append(contentsOf: entry)
        if position == starts.count {
            if !starts.isEmpty { text.append(UInt8(ascii: ",")) }
            starts.append(text.count)
            text.append(contentsOf: whole)
        } else {
            whole.append(UInt8(ascii: ","))
            let start = starts[position]
            text.insert(contentsOf: whole, at: start)
            starts.insert(start, at: position)
            for later in (position + 1)..<starts.count { starts[later] += whole.count }
        }
    }

    mutating func remove(at position: Int) {
        let isLast = position + 1 == starts.count
        let end = end(of: position)
        let range = isLast ? max(starts[position] - 1, 0)..<end : starts[position]..<(end + 1)
        text.removeSubrange(range)
        starts.remove(at: position)
        for later in position..<starts.count { starts[later] -= range.count }
    }
}
