/// Things in numbered places; a place that is given up is used again. O(1), and nothing is hashed.
struct PlaceTable<Element> {
    private var items: [Element?] = []
    private var free: [Int] = []

    var count: Int { items.count - free.count }
    var isEmpty: Bool { count == 0 }

    /// What is there, each with its place.
    var occupied: [(place: Int, element: Element)] {
        items.enumerated().compactMap { place, item in item.map { (place, $0) } }
    }

    /// Puts something into a free place, and returns the place.
    mutating func insert(_ element: Element) -> Int {
        guard let place = free.popLast() else {
            items.append(element)
            return items.count - 1
        }
        items[place] = element
        return place
    }

    mutating func remove(at place: Int) {
        guard items[place] != nil else { return }
        items[place] = nil
        free.append(place)
    }

    /// The content of a place; `nil` where there is none.
    subscript(place: Int) -> Element? {
        get { items.indices.contains(place) ? items[place] : nil }
        set {
            precondition(newValue != nil && items[place] != nil, "only what is there can be changed")
            items[place] = newValue
        }
    }
}
