import Config
import FluxJSON
import RFC03Message
import RFC10Content
import RFC11TreeObject
import RFC13PMI
import RFC14Jobspec
import RFC16JobSchema
import RFC18Eventlog
import RFC19FLUID
import RFC20R
import RFC21JobStates
import RFC22Idset
import RFC23FSD
import RFC24IO
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
import RFC40JGF
import RFC45Range
import RFC46Shape
import RFC49TreePool
import RFC50ExecEvents
import YAML

extension FuzzTarget {
    /// Every reader of bytes from outside.
    public static let all: [FuzzTarget] = texts + documents + streams + payloads

    private static let texts: [FuzzTarget] = [
        .roundTrip("Idset", ["rfc22-idset"], { try Idset(parsing: $0) }, { $0.description }),
        .text("Idset.summary", ["rfc22-idset"]) { _ = try Idset.summary(of: $0) },
        .text("BoundedIdset", ["rfc22-idset"]) { _ = try BoundedIdset(fitting: $0, options: .autogrow) },
        .roundTrip("Hostlist", ["rfc29-hostlist"], { try Hostlist(parsing: $0) }, { $0.description }),
        .text("Hostlist.sort", ["rfc29-hostlist"]) { text in
            var list = try Hostlist(parsing: text)
            list.sort()
            list.sortAndRemoveDuplicates()
        },
        .text("FluxDuration", ["rfc23-fsd"]) { _ = try FluxDuration(parsing: $0).description },
        .roundTrip("JobID", ["rfc19-fluid"], { try JobID(parsing: $0) }, { $0.description }),
        // Texts that are shorter than what they stand for ("1-1", "0;1;"): the printed text must read back as itself.
        .roundTrip("Taskmap", ["rfc34-taskmap"], { try Taskmap(parsing: $0).json.text }, { $0 }),
        .roundTrip("ResourceCount", ["rfc45-range"], { try ResourceCount(parsing: $0).description }, { $0 }),
        .text("SteppedRange", ["rfc45-range"]) { text in
            let range = try SteppedRange(parsing: text)
            _ = Array(range.prefix(100))
        },
        .text("Shape", ["rfc46-shape"]) { _ = try Shape(parsing: $0) },
        .roundTrip("Blobref", ["rfc10-blobref"], { try Blobref(parsing: $0) }, { $0.description }),
        .text("PMIProcessMapping", ["rfc13-pmi", "rfc34-taskmap"]) { _ = try PMIProcessMapping(parsing: $0) },
        .text("SubmissionDirectives", ["rfc36-directives"]) { _ = try SubmissionDirectives(parsing: $0) },
        .text("ShellWords", ["rfc36-directives"]) { _ = try ShellWords($0) },
        .text("ConstraintQuery", ["rfc35-constraint-query", "rfc31-constraint"]) { text in
            _ = try ConstraintQuery().constraint(text)
        },
        .text("SignedPayload", ["rfc39-signature"]) { _ = try SignedPayload(parsing: $0) },
        .text("YAML", ["rfc14-jobspec", "rfc25-jobspec-v1"]) { _ = try YAML.parse($0) },
        .text("Configuration", ["rfc20-r"]) { _ = try Configuration.parse(toml: $0, name: "fuzz") },
        .text("JobDependency.uri", ["rfc26-dependency"]) { _ = try JobDependency(uri: $0) },
        .text("LooseNumber", ["rfc26-dependency"]) { _ = LooseNumber.json($0) },
        .text("Base64", ["rfc24-io", "rfc39-signature"]) { _ = (Base64.decode($0), Base64.decodeExactly($0)) },
        .text("JobKey", ["rfc16-job-schema"]) { _ = (JobKey(name: $0), JobKey.jobID(inPath: $0)) },
        .text("JobMachine", ["rfc21-job-states", "rfc18-eventlog"]) { text in
            var machine = JobMachine()
            for entry in try Eventlog(parsing: text).entries {
                try? machine.apply(name: entry.name, context: entry.context, at: entry.timestamp)
                _ = machine.directives()
            }
        },
        .text("ExecutionProgress", ["rfc18-eventlog"]) { text in
            var progress = ExecutionProgress()
            for entry in try Eventlog(parsing: text).entries { progress.apply(try ExecEvent(entry)) }
        },
    ]

    private static let documents: [FuzzTarget] = [
        .roundTrip("JSON", ["rfc14-jobspec", "rfc20-r", "rfc11-treeobj"], { try JSON(parsing: $0) }, { $0.text }),
        .roundTrip("Eventlog", ["rfc18-eventlog"], { try Eventlog(parsing: $0) }, { $0.text }),
        .text("Eventlog.Entry", ["rfc18-eventlog"]) { _ = try Eventlog.Entry(parsing: $0) },
        .roundTrip("TreeObject", ["rfc11-treeobj"], { try TreeObject(parsing: $0) }, { $0.json.text }),
        // An entry without children is dropped but keeps its name in the nodelist, as in the reference.
        .json("ResourceSet", ["rfc20-r", "rfc49-treepool"]) { _ = try ResourceSet(json: $0).json },
        .json("ResourceSet.config", ["rfc20-r"]) { _ = try ResourceSet(config: $0) },
        .json("QueueConfiguration", ["rfc14-jobspec", "rfc20-r"]) { json in
            try QueueConfiguration.validate(json)
            _ = try QueueConfiguration(json).names
        },
        .json("ResourceGraph", ["rfc49-treepool", "rfc20-r"], { try ResourceGraph(json: $0) }, { $0.json }),
        .json("Jobspec", ["rfc14-jobspec", "rfc25-jobspec-v1"], { try Jobspec(json: $0) }, { $0.json }),
        .json("JobspecValidator", ["rfc14-jobspec", "rfc25-jobspec-v1"]) { try JobspecValidator().validate($0) },
        .json("JobspecCounts", ["rfc14-jobspec", "rfc25-jobspec-v1"]) { _ = try JobspecCounts($0) },
        .json("JobspecRangeCounts", ["rfc14-jobspec", "rfc25-jobspec-v1"]) { _ = try JobspecRangeCounts($0) },
        .json("TreeRequest", ["rfc14-jobspec", "rfc25-jobspec-v1"]) { _ = try TreeRequest(jobspec: $0) },
        .json("Topology", ["rfc49-treepool"]) { _ = try Topology(topo: $0) },
        .json("Constraint", ["rfc31-constraint"]) { _ = try Constraint(json: $0) },
        .json("JobDependency", ["rfc26-dependency"], { try JobDependency(json: $0) }, { $0.json }),
        .json("FileArchive", ["rfc37-file-archive"]) { _ = try FileArchive(json: $0) },
        .json("FileEntry", ["rfc37-file-archive"]) { _ = try FileEntry(json: $0) },
        .json("IOData", ["rfc24-io"], { try IOData(json: $0) }, { $0.json }),
        FuzzTarget(name: "KVEncoding", folders: ["rfc38-kve"]) { bytes in
            guard let value = try? KVEncoding(parsing: bytes) else { return nil }
            guard let again = try? KVEncoding(parsing: value.bytes) else { return "does not read what it wrote" }
            return again.bytes == value.bytes ? nil : "reads what it wrote as another value"
        },
    ]

    private static let streams: [FuzzTarget] = [
        FuzzTarget(name: "Message", folders: ["rfc03-message", "rfc06-rpc"]) { bytes in
            guard let message = try? Message(decoding: bytes) else { return nil }
            guard let again = try? Message(decoding: message.encode()) else { return "does not read what it wrote" }
            return again == message ? nil : "reads what it wrote as another message"
        },
        FuzzTarget(name: "FrameDecoder", folders: ["rfc03-message", "rfc06-rpc"]) { bytes in
            let whole = frames([bytes])
            let middle = bytes.startIndex + bytes.count / 2
            return whole == frames([bytes[..<middle], bytes[middle...]]) ? nil : "frames depend on how bytes arrive"
        },
        FuzzTarget(name: "PMIServer", folders: ["rfc13-pmi"]) { bytes in
            var decoder = PMILineDecoder()
            decoder.append(bytes)
            var server = PMIServer(universeSize: 2, localSize: 2, kvsName: "kvs")
            while let line = try? decoder.next() { _ = server.receive(line, from: 0) }
            return nil
        },
        FuzzTarget(name: "PMILineDecoder", folders: ["rfc13-pmi"]) { bytes in
            var decoder = PMILineDecoder()
            decoder.append(bytes)
            while let line = try? decoder.next() {
                let words = PMILine(line)
                _ = try? (words.word("cmd"), words.string("value"), words.int("rc"), words.uint("size"))
            }
            return nil
        },
    ]

    private static func frames(_ pieces: [ArraySlice<UInt8>]) -> [[UInt8]] {
        var decoder = FrameDecoder()
        var frames: [[UInt8]] = []
        for piece in pieces {
            decoder.append(piece)
            while let frame = try? decoder.next() { frames.append(Array(frame)) }
        }
        return frames
    }
}
