extension Taskmap {
    /// Whether a text is in the form of `PMI_process_mapping`.
    static func isPMI(_ text: String) -> Bool {
        var rest = text.utf8[...]
        while let start = rest.firstIndex(of: 0x76) {
            rest = rest[start...]
            if rest.starts(with: "vector,".utf8) { return true }
            rest = rest.dropFirst()
        }
        return false
    }

    /// Reads `(vector,(node,nodes,tasksPerNode),…)`. The outer parentheses may be missing, as for flux-core.
    init(pmi text: String) throws(ParseError) {
        self.init()
        var reader = PMIReader(Array(text.utf8))
        try reader.prefix()
        while let (node, nodeCount, tasksPerNode) = try reader.block() {
            do throws(BlockError) {
                try append(node: node, nodeCount: nodeCount, tasksPerNode: tasksPerNode)
            } catch {
                throw ParseError(form: .pmi, problem: "\(error)", offset: reader.offset)
            }
        }
    }
}

/// Reads the blocks of a PMI process mapping.
private struct PMIReader {
    private let bytes: [UInt8]
    private(set) var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func prefix() throws(Taskmap.ParseError) {
        skip { $0 == 0x28 || Self.isSpace($0) }
        guard bytes[offset...].starts(with: "vector,".utf8) else { throw error("expected \"(vector,\"") }
        offset += 7
    }

    /// The next block, or nil at the end.
    mutating func block() throws(Taskmap.ParseError) -> (Int, Int, Int)? {
        skip { $0 == 0x2c || $0 == 0x29 || Self.isSpace($0) }
        guard offset < bytes.count else { return nil }
        guard bytes[offset] == 0x28 else { throw error("expected \"(\"") }
        offset += 1
        let node = try number(endingWith: 0x2c)
        let nodeCount = try number(endingWith: 0x2c)
        let tasksPerNode = try number(endingWith: 0x29)
        return (node, nodeCount, tasksPerNode)
    }

    private mutating func number(endingWith end: UInt8) throws(Taskmap.ParseError) -> Int {
        skip(Self.isSpace)
        let start = offset
        skip { 0x30...0x39 ~= $0 }
        guard let number = Int(String(decoding: bytes[start..<offset], as: UTF8.self)) else {
            offset = start
            throw error("expected a number")
        }
        guard offset < bytes.count, bytes[offset] == end else { throw error("expected three numbers in parentheses") }
        offset += 1
        return number
    }

    private mutating func skip(_ isSkipped: (UInt8) -> Bool) {
        while offset < bytes.count, isSkipped(bytes[offset]) { offset += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0d ~= byte }

    private func error(_ problem: String) -> Taskmap.ParseError {
        Taskmap.ParseError(form: .pmi, problem: "\(problem) at column \(offset + 1)", offset: offset)
    }
}
