@testable import Broker
import Client
import FluxJSON
import Testing

@Suite("How long silence is taken for life")
struct TorpidLimitsTests {
    @Test("a new configuration counts before what there was")
    func configuration() throws {
        let limits = try TorpidLimits(
            configuration: ["tbon": ["torpid_max": "60s"]], attributes: AttributeTable())
        #expect("\(limits.minimum)" == "5s" && "\(limits.maximum)" == "1m")
        #expect(try "\(TorpidLimits(minimum: "1s", maximum: "0").maximum)" == "0s")
    }

    @Test("wrong limits are refused", arguments: [("5s", "2s"), ("0", "1s"), ("foo", "1s"), ("1s", "bar"), ("2s", "2s")])
    func refusals(minimum: String, maximum: String) {
        #expect(throws: RPCError.self) { try TorpidLimits(minimum: minimum, maximum: maximum) }
    }
}
