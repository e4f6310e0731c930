/// A name as SQLite compares it: without the case of its ASCII letters, and otherwise by its bytes.
package struct ObjectName: Hashable, Comparable, Sendable {
    /// The name as it is written.
    package let text: String
    private let key: ExactText

    package init(_ text: String) {
        self.text = text
        let key = text.utf8.map { (65...90).contains($0) ? $0 | 0x20 : $0 }
        self.key = ExactText(String(decoding: key, as: UTF8.self))
    }

    /// The name with its ASCII letters in lower case.
    package var folded: String { key.text }

    package static let main = ObjectName("main")
    package static let temp = ObjectName("temp")

    package static func == (a: ObjectName, b: ObjectName) -> Bool { a.key == b.key }
    package static func < (a: ObjectName, b: ObjectName) -> Bool { a.key < b.key }
    package func hash(into hasher: inout Hasher) { hasher.combine(key) }
}
