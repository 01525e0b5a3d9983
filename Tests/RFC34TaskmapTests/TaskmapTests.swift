import RFC34Taskmap
import Testing

@Suite("RFC 34 task map")
struct TaskmapTests {
    @Test(
        "maps that are too large are refused",
        arguments: [
            "[[0,65536,65536,1]]", "[[0,2147483647,2147483647,2147483647]]", "[[0,1,1,2147483647]]",
            "[[0,9223372036854775807,1,1]]", "(vector,(0,65536,65536))", "(vector,(0,99999999999999999999,1))",
            "0-2147483647", "[[0,1,1,1],[0,2147483647,1,1]]",
        ])
    func tooLarge(text: String) {
        #expect(throws: Taskmap.ParseError.self) { try Taskmap(parsing: text) }
    }

    @Test("forms that would be endless are not written")
    func endless() throws {
        let map = try Taskmap(parsing: "[[0,2147483647,1,1]]")
        #expect(map.taskCount == 2_147_483_647 && map.node(ofTask: 2_147_483_646) == 2_147_483_646)
        #expect(map.formatted(.raw) == nil && map.formatted(.multiline) == nil)
        #expect(try Taskmap(parsing: "[[5,1,1,1]]").formatted(.raw) == nil)
    }

    @Test(
        "questions agree with the list of nodes", arguments: ["[[0,4,2,3],[2,3,1,2]]", "3;0,2;1", "(vector,(1,2,3))"])
    func questions(text: String) throws {
        let map = try Taskmap(parsing: text)
        let nodes = Array(map.nodesOfTasks)
        #expect(nodes.count == map.taskCount)
        for (task, node) in nodes.enumerated() {
            #expect(map.node(ofTask: task) == node && map.taskIDs(onNode: node)?.contains(UInt32(task)) == true)
        }
        for node in 0..<map.nodeCount { #expect(map.taskIDs(onNode: node)?.count == map.taskCount(onNode: node)) }
        #expect(map.node(ofTask: nodes.count) == nil && map.node(ofTask: -1) == nil)
    }
}
