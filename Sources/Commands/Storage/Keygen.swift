internal import CommandKit
internal import Glibc

let keygenCommand = Command(
    "keygen", "Make a certificate for the overlay network", usage: "[OPTIONS] [PATH]", operands: 0...1,
    options: [
        .value("name", "n", "NAME", "The name in the certificate (default: the host's)"),
        .value("meta", nil, "KEY=VAL,...", "Further entries"),
    ]
) { arguments in
    if arguments.operands.isEmpty {
        printError("flux-keygen: WARNING: add PATH argument to save generated certificate")
    }
    let pair = try CurveKeyPair.generate()
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, 255)
    let hostname = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    var entries = [("name", arguments.value("name") ?? hostname)]
    for word in arguments.list("meta") {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        entries.append((parts[0], parts.count > 1 ? parts[1] : ""))
    }
    entries += [
        ("keygen.flux-core-version", Installation.version), ("keygen.hostname", hostname),
        ("keygen.time", Format.time(Format.now, "%Y-%m-%dT%T")), ("keygen.userid", "\(Users.current)"),
        ("keygen.zmq-version", pair.libraryVersion),
    ]
    var lines = ["#  ZeroMQ CURVE **Secret** Certificate", "#  DO NOT DISTRIBUTE", "", "metadata"]
    lines += entries.map { "    \($0.0) = \"\($0.1)\"" }
    lines += ["curve", "    public-key = \"\(pair.publicKey)\"", "    secret-key = \"\(pair.secretKey)\"", ""]
    guard let path = arguments.operands.first else { return 0 }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw CommandError("open \(path): \(SystemText.of(errno))") }
    fchmod(descriptor, 0o600)
    write(Array(lines.joined(separator: "\n").utf8), to: descriptor)
    close(descriptor)
    return 0
}

/// A CURVE key pair. ØMQ is loaded only here, so that no other command pays for it.
private struct CurveKeyPair {
    let publicKey: String
    let secretKey: String
    let libraryVersion: String

    static func generate() throws(CommandError) -> CurveKeyPair {
        guard let library = dlopen("libzmq.so.5", RTLD_NOW), let pair = dlsym(library, "zmq_curve_keypair"),
            let version = dlsym(library, "zmq_version")
        else { throw CommandError("error creating CURVE certificate: libzmq.so.5 cannot be loaded") }
        typealias KeyPair = @convention(c) (UnsafeMutablePointer<CChar>, UnsafeMutablePointer<CChar>) -> Int32
        typealias Version = @convention(c) (
            UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>
        ) -> Void
        var publicKey = [CChar](repeating: 0, count: 41)
        var secretKey = [CChar](repeating: 0, count: 41)
        guard unsafeBitCast(pair, to: KeyPair.self)(&publicKey, &secretKey) == 0 else {
            throw CommandError("error creating CURVE certificate: \(SystemText.of(errno))")
        }
        var major: Int32 = 0, minor: Int32 = 0, patch: Int32 = 0
        unsafeBitCast(version, to: Version.self)(&major, &minor, &patch)
        func text(_ characters: [CChar]) -> String {
            String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        return CurveKeyPair(
            publicKey: text(publicKey), secretKey: text(secretKey), libraryVersion: "\(major).\(minor).\(patch)")
    }
}
