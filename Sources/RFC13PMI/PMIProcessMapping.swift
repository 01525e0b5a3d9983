/// The value of the key `PMI_process_mapping`: which ranks share a node.
///
/// Text: `(vector,(0,2,4),…)`; each block is first node id, number of nodes, processes per node.
/// Source: RFC 13, "Local Process Group Information". RFC34Taskmap converts it to task sets.
public struct PMIProcessMapping: Hashable, Sendable, CustomStringConvertible {
    /// The text that a server gives for the key: empty, which means that the mapping is unknown, when it is too long for
    /// a value.
    ///
    /// - Source: RFC 13, "Local Process Group Information".
    public static func published(_ text: String, limits: PMILimits = .flux) -> String {
        text.utf8.count < limits.value ? text : ""
    }

    /// Nodes with the same number of processes, one after the other.
    public struct Block: Hashable, Sendable {
        /// The first node.
        public var nodeID: UInt32
        /// How many nodes.
        public var nodeCount: UInt32
        /// Consecutive ranks on each.
        public var processesPerNode: UInt32

        public init(nodeID: UInt32, nodeCount: UInt32, processesPerNode: UInt32) {
            self.nodeID = nodeID
            self.nodeCount = nodeCount
            self.processesPerNode = processesPerNode
        }
    }

    /// Offset in UTF-8 bytes of what is not a process mapping.
    public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        /// Offset in UTF-8 bytes, from 0.
        public let offset: Int
        public var description: String { "PMI_process_mapping: unexpected text at column \(offset + 1)" }
    }

    /// Blocks in the order of the ranks.
    public var blocks: [Block]

    public init(blocks: [Block]) { self.blocks = blocks }

    public var description: String {
        let parts = blocks.map { ",(\($0.nodeID),\($0.nodeCount),\($0.processesPerNode))" }
        return "(vector\(parts.joined()))"
    }

    /// Reads the text form; blanks are an error.
    public init(parsing text: String) throws(ParseError) {
        let bytes = Array(text.utf8)
        var index = 0
        func expect(_ literal: StaticString) throws(ParseError) {
            let wanted = "\(literal)".utf8
            guard bytes[index...].starts(with: wanted) else { throw ParseError(offset: index) }
            index += wanted.count
        }
        func number() throws(ParseError) -> UInt32 {
            let end = bytes[index...].firstIndex { !(0x30...0x39).contains($0) } ?? bytes.count
            guard let value = UInt32(String(decoding: bytes[index..<end], as: UTF8.self)) else {
                throw ParseError(offset: index)
            }
            index = end
            return value
        }
        blocks = []
        try expect("(vector")
        repeat {
            try expect(",(")
            let nodeID = try number()
            try expect(",")
            let nodeCount = try number()
            try expect(",")
            blocks.append(Block(nodeID: nodeID, nodeCount: nodeCount, processesPerNode: try number()))
            try expect(")")
        } while index < bytes.count && bytes[index] == UInt8(ascii: ",")
        try expect(")")
        guard index == bytes.count else { throw ParseError(offset: index) }
    }
}
