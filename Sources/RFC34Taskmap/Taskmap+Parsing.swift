import FluxJSON
import RFC22Idset

extension Taskmap: LosslessStringConvertible {
    /// Why a text is not a task map.
    public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        /// The form the text appeared to be in.
        public enum Form: String, Hashable, Sendable {
            /// An array of blocks, or an object with one.
            case json = "JSON"
            /// `(vector,(0,4,4))`
            case pmi = "PMI"
            /// `0-1;2-3`
            case raw = "raw"
        }

        /// The form the text appeared to be in.
        public let form: Form
        /// What is wrong, a sentence for a person.
        public let problem: String
        /// Offset in UTF-8 bytes of the first offending byte, from 0; 0 when the whole text is the problem.
        public let offset: Int

        /// One sentence for a person.
        public var description: String { "taskmap in \(form.rawValue) form: \(problem)" }
    }

    /// Reads a map in any of its forms: JSON, JSON in its wrapper, PMI or raw; the empty text is the unknown map.
    ///
    /// - Throws: ``ParseError``.
    /// - Source: RFC 34; PMI of RFC 13. A text with `vector,` is PMI, one without brackets, braces and parentheses is
    ///   raw, as flux-core decides.
    public init(parsing text: String) throws(ParseError) {
        if text.isEmpty {
            self.init()
        } else if Self.isPMI(text) {
            try self.init(pmi: text)
        } else if text.utf8.contains(where: { "({[]})".utf8.contains($0) }) {
            try self.init(jsonText: text)
        } else {
            try self.init(raw: text)
        }
    }

    /// Reads a map, or gives nil when the text is not one.
    public init?(_ description: String) {
        guard let map = try? Taskmap(parsing: description) else { return nil }
        self = map
    }

    private init(jsonText text: String) throws(ParseError) {
        let json: JSON
        do throws(JSON.ParseError) { json = try JSON(parsing: text) } catch {
            throw ParseError(form: .json, problem: "\(error)", offset: error.offset)
        }
        do throws(PayloadError) { try self.init(json: json) } catch {
            throw ParseError(form: .json, problem: "\(error)", offset: 0)
        }
    }

    /// The tasks of each node, nodes separated by semicolons. Empty parts are skipped.
    private init(raw text: String) throws(ParseError) {
        self.init()
        var ranges: [(tasks: ClosedRange<UInt32>, node: Int)] = []
        var node = 0
        for part in text.utf8.split(separator: 0x3b) {
            let offset = text.utf8.distance(from: text.startIndex, to: part.startIndex)
            let set: Idset
            do throws(Idset.ParseError) { set = try Idset(parsing: String(Substring(part))) } catch {
                throw ParseError(form: .raw, problem: "\(error)", offset: offset + error.offset)
            }
            for range in set.ranges { ranges.append((range, node)) }
            node += 1
        }
        ranges.sort { $0.tasks.lowerBound < $1.tasks.lowerBound }
        var next: UInt32 = 0
        for (tasks, node) in ranges {
            guard tasks.lowerBound >= next else {
                throw ParseError(form: .raw, problem: "task \(tasks.lowerBound) is on two nodes", offset: 0)
            }
            guard tasks.lowerBound == next else {
                throw ParseError(form: .raw, problem: "task \(next) is missing", offset: 0)
            }
            next = tasks.upperBound + 1
            do throws(BlockError) { try append(node: node, nodeCount: 1, tasksPerNode: tasks.count) } catch {
                throw ParseError(form: .raw, problem: "\(error)", offset: 0)
            }
        }
    }
}
