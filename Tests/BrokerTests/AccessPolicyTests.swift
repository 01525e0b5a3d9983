@testable import Broker
import Client
import FluxJSON
import RFC03Message
import Testing

@Suite("Who may connect")
struct AccessPolicyTests {
    @Test("users named as administrators get the role when they come as guests")
    func admins() throws {
        let policy = try AccessPolicy(configuration: [
            "access": [
                "allow-guest-user": true, "roles": ["admin": ["users": ["root", "nobody-has-this-name"], "groups": []]],
            ],
        ])
        #expect(policy.roles(of: 0, owner: 1000) == [.user, .local, .admin])
        #expect(policy.roles(of: 1001, owner: 1000) == [.user, .local])
        #expect(policy.roles(of: 1000, owner: 1000) == [.owner, .local])
    }

    @Test(
        "mistakes in [access] are refused",
        arguments: [
            #"{"allow-guest-users":true}"#, #"{"roles":{"operator":{"users":["a"]}}}"#,
            #"{"roles":{"admin":{"userz":["a"]}}}"#, #"{"roles":{"admin":{"users":"a"}}}"#,
        ])
    func mistakes(text: String) throws {
        let access = try JSON(parsing: text)
        #expect(throws: RPCError.self) { try AccessPolicy(configuration: ["access": access]) }
    }
}
