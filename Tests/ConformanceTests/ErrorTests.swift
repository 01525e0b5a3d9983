import ConformanceKit
import FluxJSON
import Glibc
import RFC03Message
import RFC10Content
import RFC11TreeObject
import RFC13PMI
import RFC14Jobspec
import RFC18Eventlog
import RFC19FLUID
import RFC20R
import RFC21JobStates
import RFC22Idset
import RFC23FSD
import RFC26Dependency
import RFC29Hostlist
import RFC31Constraint
import RFC33Queue
import RFC34Taskmap
import RFC35ConstraintQuery
import RFC36Directives
import RFC37FileArchive
import RFC38KVEncoding
import RFC39Signature
import RFC43JobList
import RFC45Range
import RFC46Shape
import RFC49TreePool
import Testing

/// Every error of the format modules is provoked once, and is a sentence that a person can read.
@Suite("errors")
struct ErrorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let sentence: String
        let fails: @Sendable () throws -> Void
        var testDescription: String { sentence }

        init(_ sentence: String, _ fails: @escaping @Sendable () throws -> Void) {
            self.sentence = sentence
            self.fails = fails
        }

        var error: (any Error)? {
            do { try fails() } catch { return error }
            return nil
        }
    }

    static let cases = documents + texts + machines

    private static let documents = [
        Case("JSON: unexpected \"]\" at byte 3") { _ = try JSON(parsing: "[1,]") },
        Case("a.b: not inside an object") { var json: JSON = ["a": [1]]; try json.set(1, at: "a.b") },
        Case("a: expected string, found integer") { _ = try (["a": 1] as JSON.Object).string("a") },
        Case("message: part is longer than what is left at 0") { _ = try Message(decoding: [3, 0] as [UInt8]) },
        Case("message has no payload") { _ = try Message.request("a").decodeJSON() },
        Case("tree object: ver: expected integer, found nothing") { _ = try TreeObject(parsing: "{}") },
        Case("Missing key (resources)") { try JobspecValidator().validate([:]) },
        Case("eventlog: line 1: timestamp: expected number, found nothing") { _ = try Eventlog(parsing: "{}\n") },
        Case("version: expected integer, found nothing") { _ = try ResourceSet(parsing: "{}") },
        Case("jobspec has no resources") { _ = try ResourceRequest(jobspec: [:]) },
        Case("unknown constraint operator: x") { _ = try Constraint(json: ["x": []]) },
        Case("queues: expected table, found integer") { _ = try QueueConfiguration(["queues": 1]) },
        Case("key value encoding: truncated entry at byte 0") { _ = try KVEncoding(parsing: [0x6b] as [UInt8]) },
        Case("key is empty or contains NUL") { var encoding = KVEncoding(); try encoding.put("", .int(1)) },
        Case("signature: header cannot be decoded") { _ = try SignedPayload(parsing: "x") },
        Case("unknown constraint operator: x") { _ = try JobConstraint(json: ["x": []]) },
        Case("TreePool requires R.scheduling") { _ = try TreePool(ResourceSet(parsing: oneNode)) },
        Case("a: write: Too much data: Truncating file at 1 bytes") {
            _ = try FileEntry(path: "a", kind: .regular, permissions: 0, size: 1, content: .text("more")).extracted()
        },
    ]

    private static let texts = [
        Case("blobref: unknown hash function") { _ = try Blobref(parsing: "sha9-00") },
        Case("missing key=") { _ = try PMILine("cmd=put").word("key") },
        Case("PMI_process_mapping: unexpected text at column 8") { _ = try PMIProcessMapping(parsing: "(vector,x") },
        Case("job id in f58plain encoding: unexpected character at column 2") { _ = try JobID(parsing: "f0") },
        Case("idset: range at column 1 does not ascend") { _ = try Idset(parsing: "3-1") },
        Case("duration: unknown unit at column 2 (use ms, s, m, h or d)") { _ = try FluxDuration(parsing: "5x") },
        Case("Invalid dependency URI \"1:2\"") { _ = try JobDependency(uri: "1:2") },
        Case("hostlist: mismatched or nested brackets at column 2") { _ = try Hostlist(parsing: "n[") },
        Case("taskmap in JSON form: JSON: unexpected end of text at byte 2") { _ = try Taskmap(parsing: "[[") },
        Case("Missing required operator in \"a\"") { _ = try ConstraintQuery().constraint("(a") },
        Case("No closing quotation") { _ = try ShellWords("'a") },
        Case("line 1:  'a: No closing quotation") { _ = try SubmissionDirectives(parsing: "# flux: 'a\n") },
        Case("count: expected a positive number at column 3") { _ = try ResourceCount(parsing: "2-") },
        Case("shape: unexpected end of text") { _ = try Shape(parsing: "slot=4/") },
    ]

    private static let machines = [
        Case("connection: frame begins with 0, not ffee0012") {
            var decoder = FrameDecoder()
            decoder.append([UInt8](repeating: 0, count: 8))
            _ = try decoder.next()
        },
        Case("PMI server spoke without being asked") { var client = PMIClient(rank: 0, size: 1); _ = try client.receive("x\n") },
        Case("PMI line is longer than 2 bytes") {
            var decoder = PMILineDecoder(limit: 2)
            decoder.append("abcdef".utf8)
            _ = try decoder.next()
        },
        Case("insufficient resources") {
            var pool = ResourcePool(try ResourceSet(parsing: oneNode))
            pool.markDown([0])
            let jobspec = try JobspecBuilder.forTasks(command: ["a"])
            _ = try pool.allocate(job: 1, ResourceRequest(jobspec: jobspec.json), now: 0)
        },
        Case("allocation contains ranks not in resource pool: 7") {
            var pool = ResourcePool(try ResourceSet(parsing: oneNode))
            let foreign = try ResourceSet(parsing: oneNode.replacing(#""rank":"0""#, with: #""rank":"7""#))
            try pool.register(job: 1, foreign)
        },
        Case("submit event: userid: expected integer, found nothing") { var machine = JobMachine(); try machine.apply(name: "submit", context: nil, at: 1) },
        Case("idset: id is outside the set's universe") { var set = try BoundedIdset(size: 4); try set.insert(9) },
        Case("Hostlist index out of range") {
            var query = HostlistQuery()
            query.positions = [7]
            _ = try query.answer(for: [Hostlist(parsing: "a")])
        },
        Case("taskmap: invalid number in block") { var map = Taskmap(); try map.append(node: -1, nodeCount: 1, tasksPerNode: 1) },
    ]

    private static let oneNode = """
        {"version":1,"execution":{"R_lite":[{"rank":"0","children":{"core":"0"}}],"starttime":0,"expiration":0,\
        "nodelist":["n"]}}
        """

    @Test("each is one sentence", arguments: cases)
    func sentence(_ example: Case) throws {
        let text = "\(try #require(example.error))"
        #expect(text == example.sentence)
        #expect(!text.isEmpty && !text.contains("\n") && text.last != "." && !text.contains("Optional("))
    }

    @Test("none is missing here")
    func complete() throws {
        let provoked = Set(
            Self.cases.compactMap(\.error).map { error in
                let names = String(reflecting: type(of: error)).split(separator: ".")
                return "\(names.first ?? "").\(names.last ?? "")"
            })
        let forgotten = try Self.declared().subtracting(provoked)
        #expect(forgotten == [])
    }

    /// `Module.Type` of the errors that the sources of the format modules declare.
    private static func declared() throws -> Set<String> {
        let root = try #require(conformanceDirectory()) + "/../Sources"
        var names: Set<String> = []
        for pattern in ["FluxJSON/*.swift", "RFC*/*.swift", "RFC*/*/*.swift"] {
            var found = glob_t()
            defer { globfree(&found) }
            guard glob("\(root)/\(pattern)", 0, nil, &found) == 0 else { continue }
            for index in 0..<Int(found.gl_pathc) {
                let path = String(cString: try #require(found.gl_pathv[index]))
                let module = path.dropFirst(root.utf8.count + 1).prefix { $0 != "/" }
                for line in try text(of: path).split(separator: "\n") where line.contains("public ") && line.contains(": Error") {
                    let words = line.split { " :".contains($0) }
                    guard let kind = words.firstIndex(where: { $0 == "struct" || $0 == "enum" }) else { continue }
                    names.insert("\(module).\(words[kind + 1])")
                }
            }
        }
        return names
    }

    private static func text(of path: String) throws -> String {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while case let byte = getc(file), byte >= 0 { bytes.append(UInt8(byte)) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
