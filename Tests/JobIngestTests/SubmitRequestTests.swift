import FluxJSON
import RFC39Signature
import Service
import Testing

@testable import JobIngest

@Suite("Submissions")
struct SubmitRequestTests {
    static func fields(urgency: Int64 = 16, flags: Int64 = 0, signer: UInt32 = 100, _ text: String = "{}") -> JSON.Object {
        [
            "J": .string(SignedPayload.wrapNone(Array(text.utf8), userID: signer)), "urgency": .int(urgency),
            "flags": .int(flags),
        ]
    }

    static func refusal(_ fields: JSON.Object, isOwner: Bool = true) -> String? {
        do throws(ServiceError) {
            _ = try SubmitRequest(fields, userID: 100, isOwner: isOwner)
            return nil
        } catch {
            return "\(error.errnum) \(error.text ?? "")"
        }
    }

    @Test("checks come in flux-core's order with its texts")
    func checks() {
        #expect(Self.refusal(Self.fields()) == nil)
        #expect(Self.refusal(["urgency": 16]) == "71 error decoding job request: Protocol error")
        #expect(Self.refusal(Self.fields(flags: 1)) == "71 invalid job flags")
        #expect(Self.refusal(Self.fields(flags: 8), isOwner: false)
            == "1 only the instance owner can submit with FLUX_JOB_NOVALIDATE")
        #expect(Self.refusal(Self.fields(urgency: 32)) == "22 urgency range is [0:31]")
        #expect(Self.refusal(Self.fields(urgency: 17), isOwner: false)
            == "22 only the instance owner can submit with urgency >16")
        #expect(Self.refusal(Self.fields(flags: 4), isOwner: false)
            == "22 only the instance owner can submit with FLUX_JOB_WAITABLE")
        #expect(Self.refusal(["J": "x", "urgency": 16, "flags": 0]) == "22 could not unwrap jobspec: Invalid argument")
        #expect(Self.refusal(Self.fields(signer: 5)) == "1 signer=5 != requestor=100")
        #expect(Self.refusal(Self.fields(), isOwner: false) == "1 only instance owner can use sign-type=none")
        #expect(Self.refusal(Self.fields("{"))?.hasPrefix("22 jobspec: invalid JSON: ") == true)
    }

    @Test("defaults are laid over each other, constraints joined")
    func defaults() throws {
        let defaults = try QueueDefaults(configuration: [
            "policy": ["jobspec": ["defaults": ["system": ["queue": "batch", "duration": "1h"]]]],
            "queues": [
                "batch": ["requires": ["b"]],
                "quick": ["parent": "batch", "policy": ["jobspec": ["defaults": ["system": ["duration": "1m"]]]]],
            ],
        ])
        let plain = try defaults.applied(to: ["attributes": ["system": ["duration": 0]]])
        #expect(plain["attributes"]?["system"] == [
            "duration": 3600.0, "queue": "batch", "constraints": ["properties": ["b"]],
        ])
        let quick = try defaults.applied(to: [
            "attributes": ["system": ["duration": 0, "queue": "quick", "constraints": ["not": [["hostlist": ["a"]]]]]],
        ])
        #expect(quick["attributes"]?["system"]?["duration"] == 60.0)
        #expect(quick["attributes"]?["system"]?["constraints"] == [
            "and": [["not": [["hostlist": ["a"]]]], ["properties": ["b"]]],
        ])
        #expect(throws: QueueDefaults.Failure("Invalid queue 'x' specified")) {
            _ = try defaults.applied(to: ["attributes": ["system": ["queue": "x"]]])
        }
        #expect(throws: QueueDefaults.Failure("default queue 'z' must be in [queues]")) {
            _ = try QueueDefaults(configuration: [
                "policy": ["jobspec": ["defaults": ["system": ["queue": "z"]]]], "queues": ["a": [:]],
            ])
        }
    }
}
