/// The program's end of the conversation: requests become lines, answers become values.
///
/// PMI is lock-step: after ``send(_:)`` gave a line, the next thing is the answer through ``receive(_:)``.
///
/// ```swift
/// var client = PMIClient(rank: 0, size: 4)
/// socket.write(try client.send(.initialize))
/// _ = try client.receive(socket.readLine())
/// ```
public struct PMIClient: Sendable {
    /// What a rank can ask for.
    public enum Request: Hashable, Sendable {
        case initialize
        case getLimits
        case getKVSName
        case getUniverseSize
        case getAppnum
        case put(key: String, value: String)
        case get(key: String)
        case barrier
        case finalize
        /// Has no answer; the program is expected to exit.
        case abort(exitCode: UInt32, message: String?)
    }

    /// What the server answers.
    public enum Reply: Hashable, Sendable {
        case initialized
        case limits(PMILimits)
        case kvsName(String)
        case universeSize(Int)
        case appnum(Int)
        case stored
        case value(String)
        case barrierDone
        case finalized
    }

    /// Why a request or its answer failed.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// The server answered with this code.
        case status(PMIStatus)
        /// A key or value does not fit the limits or contains what the wire cannot carry.
        case unfit(String)
        /// The answer is not the one that belongs to the request; close the connection.
        case protocolError(String)
        /// A request while another is in flight, or before ``Request/initialize``.
        case outOfOrder

        public var description: String {
            switch self {
            case .status(let status): status.description
            case .unfit(let text), .protocolError(let text): text
            case .outOfOrder: "PMI request out of order"
            }
        }
    }

    /// Rank of this process in the program.
    public let rank: Int
    /// Ranks of the program.
    public let size: Int
    /// What the server offers; known after `.getLimits`.
    public private(set) var limits = PMILimits.flux
    /// Name of the key value space; known after `.getKVSName`.
    public private(set) var kvsName: String?
    /// Whether the versions were agreed on and the program has not said goodbye.
    public private(set) var isInitialized = false
    private var inFlight: Request?

    public init(rank: Int, size: Int) {
        self.rank = rank
        self.size = size
    }

    /// The line to write for a request.
    ///
    /// - Throws: ``Failure/outOfOrder`` or ``Failure/unfit(_:)``; nothing is in flight then.
    public mutating func send(_ request: Request) throws(Failure) -> String {
        guard inFlight == nil, isInitialized || request == .initialize else { throw .outOfOrder }
        let line = try text(of: request)
        if case .abort = request {} else { inFlight = request }
        return line + "\n"
    }

    private func text(of request: Request) throws(Failure) -> String {
        switch request {
        case .initialize: return "cmd=init pmi_version=1 pmi_subversion=1"
        case .getLimits: return "cmd=get_maxes"
        case .getKVSName: return "cmd=get_my_kvsname"
        case .getUniverseSize: return "cmd=get_universe_size"
        case .getAppnum: return "cmd=get_appnum"
        case .barrier: return "cmd=barrier_in"
        case .finalize: return "cmd=finalize"
        case .put(let key, let value):
            guard !value.utf8.contains(0x0a) else { throw .unfit("PMI value contains a newline") }
            guard value.utf8.count < limits.value else { throw .status(.invalidValueLength) }
            return "cmd=put kvsname=\(try space()) key=\(try checked(key)) value=\(value)"
        case .get(let key):
            return "cmd=get kvsname=\(try space()) key=\(try checked(key))"
        case .abort(let exitCode, let message):
            let oneLine = message.map { String($0.map { $0.isNewline ? " " : $0 }) }
            return "cmd=abort exitcode=\(exitCode)" + (oneLine.map { " error_msg=\($0)" } ?? "")
        }
    }

    private func space() throws(Failure) -> String {
        guard let kvsName else { throw .outOfOrder }
        return kvsName
    }

    private func checked(_ key: String) throws(Failure) -> String {
        guard !key.utf8.contains(where: PMILine.isSpace), !key.isEmpty else { throw .unfit("invalid PMI key") }
        guard key.utf8.count < limits.key else { throw .status(.invalidKeyLength) }
        return key
    }

    /// Takes the answer to the request in flight.
    ///
    /// - Throws: ``Failure/status(_:)`` when the server refused (the conversation may go on) or
    ///   ``Failure/protocolError(_:)``.
    public mutating func receive(_ text: String) throws(Failure) -> Reply {
        guard let request = inFlight else { throw .protocolError("PMI server spoke without being asked") }
        let line = PMILine(text)
        let name = Self.answerName(to: request)
        guard line.matches("cmd", name) == true else {
            throw .protocolError("PMI server answered something else than \(name)")
        }
        inFlight = nil
        if let code = try? line.int("rc"), code != 0 { throw .status(PMIStatus(rawValue: code)) }
        do {
            return try reply(to: request, line)
        } catch {
            throw .protocolError("PMI \(name): \(error.description)")
        }
    }

    private mutating func reply(to request: Request, _ line: PMILine) throws(PMILine.ScanError) -> Reply {
        switch request {
        case .initialize:
            guard try line.uint("pmi_version") == 1, try line.uint("pmi_subversion") == 1 else {
                throw .notANumber("pmi_version")
            }
            isInitialized = true
            return .initialized
        case .getLimits:
            limits = PMILimits(
                kvsName: Int(try line.uint("kvsname_max")), key: Int(try line.uint("keylen_max")),
                value: Int(try line.uint("vallen_max")))
            return .limits(limits)
        case .getKVSName:
            let name = try line.word("kvsname")
            kvsName = name
            return .kvsName(name)
        case .getUniverseSize: return .universeSize(Int(try line.int("size")))
        case .getAppnum: return .appnum(Int(try line.int("appnum")))
        case .put: return .stored
        case .get: return .value(try line.string("value", limit: limits.value))
        case .barrier: return .barrierDone
        case .finalize, .abort:
            isInitialized = false
            return .finalized
        }
    }

    private static func answerName(to request: Request) -> String {
        switch request {
        case .initialize: "response_to_init"
        case .getLimits: "maxes"
        case .getKVSName: "my_kvsname"
        case .getUniverseSize: "universe_size"
        case .getAppnum: "appnum"
        case .put: "put_result"
        case .get: "get_result"
        case .barrier: "barrier_out"
        case .finalize, .abort: "finalize_ack"
        }
    }
}
