public import CSystemShims
internal import Glibc
internal import RFC03Message
public import Reactor

/// Why no connection to a broker could be made.
public struct OpenError: Error, Hashable, Sendable, CustomStringConvertible {
    public let errnum: Int32
    public let description: String
}

extension Handle {
    /// Where a broker of the system instance listens when nothing else is said.
    public static let systemURI = "local:///run/flux/local"

    /// Connects to a broker.
    ///
    /// - Parameter uri: `local://PATH`, `ssh://[USER@]HOST[:PORT]/PATH` or `fd://N`; by default the environment's `FLUX_URI`, else the system instance.
    /// - Throws: ``OpenError`` with the reason, worded as flux-core words it.
    public static func open(_ uri: String? = nil, on reactor: Reactor) throws -> Handle {
        let uri = uri ?? getenv("FLUX_URI").map { String(cString: $0) } ?? systemURI
        let descriptor: Int32
        if uri.hasPrefix("local://") {
            descriptor = try connect(to: String(uri.dropFirst("local://".count)))
        } else if uri.hasPrefix("fd://") {
            guard let number = Int32(uri.dropFirst("fd://".count)), number >= 0 else {
                throw OpenError(errnum: Errno.invalid, description: "\(uri): not a descriptor number")
            }
            try shakeHands(number, path: uri)
            descriptor = number
        } else if uri.hasPrefix("ssh://") {
            descriptor = try SSHConnector.connect(to: String(uri.dropFirst("ssh://".count)))
            do { try shakeHands(descriptor, path: uri) } catch {
                Glibc.close(descriptor)
                throw error
            }
        } else {
            throw OpenError(errnum: Errno.noEntry, description: "\(uri): unknown connector (use local://PATH)")
        }
        let flux = try Handle(transport: SocketTransport(descriptor: descriptor, reactor: reactor), reactor: reactor)
        flux.credentials = credentialsOfEnvironment
        return flux
    }

    /// `FLUX_HANDLE_USERID` and `FLUX_HANDLE_ROLEMASK`, which tests set to act as somebody else.
    private static var credentialsOfEnvironment: (userID: UInt32, roles: Message.Roles)? {
        func number(_ name: String) -> UInt32? {
            guard let text = getenv(name).map({ String(cString: $0) }) else { return nil }
            return text.hasPrefix("0x") ? UInt32(text.dropFirst(2), radix: 16) : UInt32(text)
        }
        let userID = number("FLUX_HANDLE_USERID"), roles = number("FLUX_HANDLE_ROLEMASK")
        guard userID != nil || roles != nil else { return nil }
        return (userID ?? Message.unknownUser, Message.Roles(rawValue: roles ?? 0))
    }

    /// Connects to a socket path; a broker that is just starting is given some seconds.
    private static func connect(to path: String) throws(OpenError) -> Int32 {
        let retries = getenv("FLUX_LOCAL_CONNECTOR_RETRY_COUNT").flatMap { Int(String(cString: $0)) } ?? 5
        var delay: UInt32 = 16_000
        for attempt in 0... {
            switch connectOnce(to: path) {
            case .success(let descriptor):
                do {
                    try shakeHands(descriptor, path: path)
                } catch {
                    Glibc.close(descriptor)
                    throw error
                }
                return descriptor
            case .failure(let error):
                guard attempt < retries, error.code != ENAMETOOLONG, error.code != EMFILE else {
                    let text =
                        error.code == ENOENT
                        ? "broker socket \(path) was not found"
                        : "unable to connect to broker socket \(path): \(SystemError.text(of: error.code))"
                    throw OpenError(errnum: error.code, description: text)
                }
                usleep(delay)
                delay = min(delay * 2, 2_000_000)
            }
        }
        throw OpenError(errnum: ECONNREFUSED, description: "unable to connect to broker socket \(path)")
    }

    private static func connectOnce(to path: String) -> Result<Int32, SystemError> {
        guard var address = sockaddr_un(path: path) else { return .failure(SystemError("connect", code: ENAMETOOLONG)) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return .failure(SystemError("socket")) }
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0 else {
            let error = SystemError("connect")
            Glibc.close(descriptor)
            return .failure(error)
        }
        return .success(descriptor)
    }

    /// Reads the one byte that the broker writes first: 0, or the errno of its refusal.
    private static func shakeHands(_ descriptor: Int32, path: String) throws(OpenError) {
        var byte: UInt8 = 0
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while true {
            guard Glibc.poll(&poll, 1, 30_000) != 0 else {
                throw OpenError(errnum: ETIMEDOUT, description: "\(path): the broker did not answer within 30s")
            }
            let count = read(descriptor, &byte, 1)
            if count == 1 { break }
            if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
            let code = count == 0 ? ECONNRESET : errno
            throw OpenError(errnum: code, description: "\(path): \(SystemError.text(of: code))")
        }
        guard byte == 0 else {
            throw OpenError(errnum: Int32(byte), description: "\(path): \(SystemError.text(of: Int32(byte)))")
        }
    }
}

extension sockaddr_un {
    /// An address for a path, or nil when the path is too long for it.
    public init?(path: String) {
        self.init()
        sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: sun_path), !bytes.contains(0) else { return nil }
        withUnsafeMutableBytes(of: &sun_path) { $0.copyBytes(from: bytes) }
    }
}
