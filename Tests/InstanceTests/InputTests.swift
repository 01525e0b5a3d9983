import FluxJSON
import Glibc
import RFC03Message
import Testing

extension InstanceTests {
    @Test("an unknown attribute is named and nothing starts")
    func unknownAttribute() {
        inPlace { place in
            let outcome = place.flux("start", "--test-size=2", "-Snosuch=1", "true")
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("nosuch"), "\(outcome.errors)")
        }
    }

    @Test("a mistake in TOML is told with file, line and column")
    func badTOML() {
        inPlace { place in
            let path = place.file("bad.toml", "[heartbeat]\nperiod = \n")
            let outcome = place.flux("start", "--test-size=1", "--config-path=\(path)", "true")
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("\(path):2:"), "\(outcome.errors)")
        }
    }

    @Test("a run directory without room for a socket's path is refused")
    func longDirectory() {
        inPlace { place in
            let path = "\(place.folder)/" + String(repeating: "d", count: 100)
            mkdir(path, 0o700)
            for words in [["-Srundir=\(path)"], ["--test-size=1", "--test-rundir=\(path)"]] {
                guard let child = place.start(["start"] + words + ["true"]) else { continue }
                let outcome = child.wait()
                #expect(outcome.status == 1)
                #expect(outcome.errors.contains("exceeds max") || outcome.errors.contains("too long"), "\(outcome.errors)")
            }
        }
    }

    @Test("garbage on the socket costs the connection and nobody else anything")
    func garbage() throws {
        let header = Message.request("broker.ping", json: [:], matchtag: 1).encode()
        var streams: [(String, [UInt8])] = [
            ("no frame", Array("GET / HTTP/1.1\r\n\r\n".utf8)),
            ("length 0", frame([])),
            ("length near 2^32", [0x12, 0x00, 0xee, 0xff, 0xff, 0xff, 0xff, 0xff]),
            ("length 2^31", [0x12, 0x00, 0xee, 0xff, 0x80, 0, 0, 0]),
            ("other magic", [0x12, 0x00, 0xee, 0xfe, 0, 0, 0, 1, 0]),
            ("no header", frame([0, 0, 0])),
            ("part longer than the frame", frame([0xff, 0xff, 0xff, 0xff, 0xff])),
        ]
        for count in stride(from: 1, to: header.count, by: 7) {
            streams.append(("cut after \(count)", frame(Array(header[..<count]))))
        }
        let inputs = streams
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 1))
            for (name, bytes) in inputs {
                let socket = try #require(RawSocket(path: instance.socketPath), "\(name)")
                socket.send(bytes)
                socket.closeOutput()
                #expect(socket.isClosed(within: 5), "\(name)")
            }
            let survivor = try #require(RawSocket(path: instance.socketPath))
            survivor.send(Message.request("broker.ping", json: ["seq": 1], matchtag: 5).encodeFrame())
            #expect(survivor.receive()?.matchtag == 5)
            #expect(instance.flux("getattr", "size").output == "1\n")
            #expect(instance.end().status == 0)
        }
    }

    @Test("an answer from somebody who was not asked goes nowhere")
    func forgery() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 1))
            let forger = try #require(RawSocket(path: instance.socketPath))
            let victim = try #require(RawSocket(path: instance.socketPath))
            for tag in UInt32(0)..<4 {
                let asked = Message.request("broker.ping", json: [:], matchtag: tag)
                var response = asked.response(json: ["forged": true])
                response.flags.insert(.route)
                forger.send(response.encodeFrame())
            }
            victim.send(Message.request("broker.ping", json: ["seq": 1], matchtag: 1).encodeFrame())
            let answer = try #require(victim.receive())
            #expect(try answer.decodeJSON()["forged"] == nil)
            #expect(instance.flux("getattr", "rank").output == "0\n")
            #expect(instance.end().status == 0)
        }
    }

    @Test("a client that does not read is dropped, and nobody waits for it")
    func deaf() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 1))
            let deaf = try #require(RawSocket(path: instance.socketPath))
            let payload: JSON = ["pad": .string(String(repeating: "x", count: 1 << 20))]
            let request = Message.request("broker.ping", json: payload, matchtag: 1).encodeFrame()
            var isDropped = false
            for _ in 0..<400 where !isDropped { isDropped = !deaf.send(request) }
            #expect(isDropped, "400 MiB of answers were kept for a client that reads nothing")
            #expect(instance.flux("getattr", "size", within: 10).output == "1\n")
            #expect(instance.flux("dmesg").output.contains("does not read"))
            #expect(instance.end().status == 0)
        }
    }

    @Test("a certificate that others can read, or that is none, is refused")
    func certificates() {
        inPlace { place in
            let certificate = "\(place.folder)/cert"
            #expect(place.flux("keygen", certificate).status == 0)
            let configuration = place.file(
                "boot.toml",
                """
                [bootstrap]
                curve_cert = "\(certificate)"
                default_port = 18050
                default_bind = "tcp://127.0.0.1:%p"
                default_connect = "tcp://127.0.0.1:%p"
                hosts = [ { host = "here" }, { host = "there" } ]

                """)
            let words = [
                "broker", "-Shostname=here", "-c\(configuration)", "-Sbroker.quorum=1", "-Sbroker.rc1_path=",
                "-Sbroker.rc3_path=", "true",
            ]
            func run() -> Outcome {
                guard let child = place.start(words) else { return Outcome() }
                child.closeInput()
                return child.wait(within: 30)
            }
            #expect(run().status == 0)
            chmod(certificate, 0o644)
            let readable = run()
            #expect(readable.status == 1)
            #expect(readable.errors.contains("readable by"), "\(readable.errors)")
            _ = place.file("cert", "curve\n    public-key = \"nonsense\"\n", mode: 0o600)
            chmod(certificate, 0o600)
            let nonsense = run()
            #expect(nonsense.status == 1)
            #expect(nonsense.errors.contains(certificate), "\(nonsense.errors)")
        }
    }

    private func frame(_ bytes: [UInt8]) -> [UInt8] {
        let count = UInt32(bytes.count)
        return [0x12, 0x00, 0xee, 0xff] + (0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - 8 * $0)) } + bytes
    }
}
