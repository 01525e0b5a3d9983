internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC03Message
internal import RFC18Eventlog
internal import RFC19FLUID
internal import RFC24IO

/// The output of one job, copied to standard output and error.
final class JobOutput {
    private let flux: Handle
    private let id: JobID
    private let labelsIO: Bool
    private let labelsJob: Bool
    private let done: () -> Void

    init(_ flux: Handle, _ id: JobID, labelsIO: Bool, labelsJob: Bool = false, _ done: @escaping () -> Void) {
        self.flux = flux
        self.id = id
        self.labelsIO = labelsIO
        self.labelsJob = labelsJob
        self.done = done
    }

    /// Begins; the object lives until the output ends.
    func start() {
        let request = Message.request(
            "job-info.eventlog-watch", json: ["id": .int(id.json), "path": "guest.output", "flags": 0],
            flags: .streaming)
        flux.call(request) { [self] result in
            guard case .success(let message) = result else { return done() }
            guard let line = (try? message.decodeJSON())?["event"]?.stringValue,
                let entry = (try? Eventlog(parsing: line))?.entries.first, entry.name == "data",
                let data = try? IOData(json: .object(entry.context ?? [:])), let bytes = data.bytes
            else { return }
            flushOutput()
            let label = (labelsJob ? "\(id.shown): " : "") + (labelsIO ? "\(data.rank): " : "")
            write(Array(label.utf8) + bytes, to: data.stream == "stderr" ? 2 : 1)
        }
    }
}
