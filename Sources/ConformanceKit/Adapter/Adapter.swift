import FluxJSON
import Glibc

/// Another program that carries out the operations, by lines of JSON on its standard input and output.
///
///     → {"id": "rfc22-decode-0001", "rfc": 22, "folder": "rfc22-idset", "op": "decode", "input": {"text": "0-3"}}
///     ← {"id": "rfc22-decode-0001", "result": {…}}
///     ← {"id": …, "error": "text for people"}    the operation failed
///     ← {"id": …, "unsupported": true}           the operation is not offered
///
/// One request at a time. A program that ends or does not answer is started again for the next case, until it has
/// failed twenty times in a row.
public struct Adapter: ~Copyable, Implementation {
    private let command: String
    private let timeoutSeconds: Int
    private var child: ChildProcess?
    /// Starts of the program in a row after which it said nothing.
    private var silentStarts = 0

    /// - Parameters:
    ///   - command: shell command to start; it is killed when the adapter goes away.
    ///   - timeoutSeconds: how long to wait for one answer.
    public init(command: String, timeoutSeconds: Int = 20) {
        self.command = command
        self.timeoutSeconds = timeoutSeconds
        signal(SIGPIPE, SIG_IGN)
    }

    public mutating func answer(_ vector: Vector) -> Answer {
        let request: JSON = [
            "id": .string(vector.id), "rfc": .int(Int64(vector.rfc)), "folder": .string(vector.folder),
            "op": .string(vector.op), "input": .object(vector.input),
        ]
        guard silentStarts < Self.silentStartLimit else {
            return .broken("the adapter was given up: it never answered")
        }
        do throws(ChildProcess.Failure) {
            let line = try exchange(request.bytes)
            silentStarts = 0
            return Self.answer(in: line, to: vector)
        } catch {
            child = nil
            silentStarts += 1
            return .broken("\(error)")
        }
    }

    /// Why a program is no adapter.
    public struct Unusable: Error, Hashable, Sendable, CustomStringConvertible {
        /// One sentence for a person.
        public let description: String
    }

    /// Asks for an operation that nobody offers, so that a mistake in the command is one sentence and not one for each case.
    ///
    /// - Throws: ``Unusable`` when the program cannot be started or says something else than that.
    public mutating func probe() throws(Unusable) {
        let request: JSON = ["id": "probe", "rfc": 0, "folder": "probe", "op": "probe", "input": [:]]
        var found: String
        do throws(ChildProcess.Failure) {
            let line = try exchange(request.bytes)
            let json = try? JSON(parsing: line)
            if json?["id"] == "probe", json?["unsupported"] == true || json?["error"] != nil { return }
            found = "it answers an unknown operation with \"\(String(decoding: line.prefix(200), as: UTF8.self))\", "
            found += "not with {\"id\": \"probe\", \"unsupported\": true}"
        } catch {
            found = "\(error)"
        }
        child = nil
        throw Unusable(description: "--adapter '\(command)': \(found)")
    }

    private static let silentStartLimit = 20

    private mutating func exchange(_ line: [UInt8]) throws(ChildProcess.Failure) -> [UInt8] {
        var process: ChildProcess
        if let running = child.take() {
            process = running
        } else {
            process = try ChildProcess(command: command)
        }
        try process.write(line: line)
        let answer = try process.readLine(timeoutSeconds: timeoutSeconds)
        child = .some(process)
        return answer
    }

    private static func answer(in line: [UInt8], to vector: Vector) -> Answer {
        guard let json = try? JSON(parsing: replacingNonFiniteNumbers(line)) else {
            return .broken("the adapter's answer is not JSON: \(String(decoding: line.prefix(200), as: UTF8.self))")
        }
        guard json["id"]?.stringValue == vector.id else { return .broken("the adapter's answer has another id") }
        if let result = json["result"] { return .result(result) }
        if let error = json["error"] { return .failure(error.stringValue ?? error.text) }
        if json["unsupported"]?.boolValue == true { return .notOffered }
        return .broken("the adapter's answer has no \"result\", \"error\" or \"unsupported\"")
    }
}
