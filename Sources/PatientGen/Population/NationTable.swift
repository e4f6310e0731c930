/// Common given names and surnames of the nations.
enum NationTable {
    struct Row {
        let code: String
        let name: String
        let male: String
        let female: String
        let surnames: String

        init(_ code: String, _ name: String, _ male: String, _ female: String, _ surnames: String) {
            self.code = code
            self.name = name
            self.male = male
            self.female = female
            self.surnames = surnames
        }
    }

    static let rows: [Row] = [
        Row(
            "ALB", "Albania", "Arben Ilir Besnik Gentian Dritan Erion Klajdi Altin",
            "Elira Mirela Blerta Ardita Vjollca Teuta Anila Drita",
            "Hoxha,Shehu,Dervishi,Prifti,Gjoka,Marku,Leka,Kola,Rama,Berisha,Gashi,Krasniqi"),
        Row(
            "BEL", "Belgium", "Lucas Liam Arthur Noah Jules Louis Thomas Maxime",
            "Emma Olivia Louise Marie Elise Camille Lotte Julie",
            "Peeters,Janssens,Maes,Jacobs,Mertens,Willems,Claes,Goossens,Wouters,Dubois,Lambert,Dupont"),
        Row(
            "BGR", "Bulgaria", "Georgi Ivan Dimitar Nikolay Petar Hristo Stefan Aleksandar",
            "Maria Ivanka Elena Desislava Gergana Viktoria Nadezhda Radka",
            "Ivanov/Ivanova,Georgiev/Georgieva,Dimitrov/Dimitrova,Petrov/Petrova,Nikolov/Nikolova,Hristov/Hristova,Stoyanov/Stoyanova,Todorov/Todorova,Iliev/Ilieva,Vasilev/Vasileva,Angelov/Angelova,Kolev/Koleva"
        ),
        Row(
            "CAN", "Canada", "Liam Noah William Benjamin Logan Ethan Jacob Nathan",
            "Olivia Emma Charlotte Sophie Chloe Hannah Abigail Zoe",
            "Smith,Brown,Tremblay,Martin,Roy,Wilson,Macdonald,Gagnon,Johnson,Taylor,Campbell,Anderson"),
        Row(
            "CZE", "Czechia", "Jakub Jan Tomáš Adam Matěj Vojtěch Ondřej Petr",
            "Eliška Tereza Anna Adéla Karolína Natálie Kristýna Lucie",
            "Novák/Nováková,Svoboda/Svobodová,Novotný/Novotná,Dvořák/Dvořáková,Černý/Černá,Procházka/Procházková,Kučera/Kučerová,Veselý/Veselá,Horák/Horáková,Němec/Němcová,Marek/Marková,Pospíšil/Pospíšilová"
        ),
        Row(
            "DEU", "Germany", "Lukas Leon Maximilian Felix Paul Jonas Tim Alexander",
            "Anna Lena Lea Sophie Laura Marie Julia Katharina",
            "Müller,Schmidt,Schneider,Fischer,Weber,Meyer,Wagner,Becker,Schulz,Hoffmann,Schäfer,Koch"),
        Row(
            "DNK", "Denmark", "Mads Magnus Emil Frederik Mikkel Rasmus Søren Lars",
            "Ida Emma Freja Sofie Mathilde Caroline Mette Kirsten",
            "Nielsen,Jensen,Hansen,Pedersen,Andersen,Christensen,Larsen,Sørensen,Rasmussen,Jørgensen,Petersen,Madsen"),
        Row(
            "ESP", "Spain", "Hugo Daniel Pablo Alejandro Álvaro Adrián David Javier",
            "Lucía María Paula Sara Carla Claudia Marta Elena",
            "García,Rodríguez,González,Fernández,López,Martínez,Sánchez,Pérez,Gómez,Martín,Jiménez,Ruiz"),
        Row(
            "EST", "Estonia", "Rasmus Markus Kristjan Martin Siim Taavi Andres Jaan",
            "Laura Anna Liisa Kristiina Maarja Kadri Triin Piret",
            "Tamm,Saar,Sepp,Mägi,Kask,Kukk,Rebane,Ilves,Pärn,Koppel,Luik,Oja"),
        Row(
            "FIN", "Finland", "Juho Eetu Ville Antti Mikko Jukka Lauri Olli",
            "Aino Emilia Sofia Helmi Anni Johanna Hanna Satu",
            "Korhonen,Virtanen,Mäkinen,Nieminen,Mäkelä,Hämäläinen,Laine,Heikkinen,Koskinen,Järvinen,Lehtonen,Saarinen"),
        Row(
            "FRA", "France", "Gabriel Louis Raphaël Jules Adam Lucas Hugo Antoine",
            "Emma Louise Jade Alice Chloé Léa Manon Camille",
            "Martin,Bernard,Thomas,Petit,Robert,Richard,Durand,Dubois,Moreau,Laurent,Simon,Lefebvre"),
        Row(
            "GBR", "United Kingdom", "Oliver George Harry Jack Thomas James William Daniel",
            "Olivia Amelia Emily Grace Charlotte Sophie Lucy Megan",
            "Smith,Jones,Taylor,Brown,Williams,Wilson,Johnson,Davies,Robinson,Wright,Thompson,Evans"),
        Row(
            "GRC", "Greece", "Georgios Dimitrios Konstantinos Ioannis Nikolaos Panagiotis Christos Vasileios",
            "Maria Eleni Aikaterini Vasiliki Sofia Angeliki Georgia Dimitra",
            "Papadopoulos/Papadopoulou,Vlachos/Vlachou,Angelopoulos/Angelopoulou,Nikolaidis/Nikolaidou,Georgiou,Petridis/Petridou,Athanasiadis/Athanasiadou,Dimitriadis/Dimitriadou,Papadakis/Papadaki,Panagopoulos/Panagopoulou,Karagiannis/Karagianni,Makris/Makri"
        ),
        Row(
            "HRV", "Croatia", "Luka Ivan Marko Josip Ante Petar Filip Tomislav",
            "Ana Marija Lucija Ivana Petra Nikolina Maja Katarina",
            "Horvat,Kovačević,Babić,Marić,Jurić,Novak,Kovačić,Knežević,Vuković,Marković,Petrović,Matić"),
        Row(
            "HUN", "Hungary", "Bence Máté Levente Dávid Balázs Ádám Zoltán Gábor",
            "Anna Hanna Zsófia Emma Luca Eszter Katalin Réka",
            "Nagy,Kovács,Tóth,Szabó,Horváth,Varga,Kiss,Molnár,Németh,Farkas,Balogh,Papp"),
        Row(
            "ISL", "Iceland", "Jón Sigurður Guðmundur Gunnar Ólafur Einar Kristján Aron",
            "Guðrún Anna Kristín Sigríður Margrét Helga Katrín Birta",
            "Jónsson/Jónsdóttir,Sigurðsson/Sigurðardóttir,Guðmundsson/Guðmundsdóttir,Gunnarsson/Gunnarsdóttir,Ólafsson/Ólafsdóttir,Einarsson/Einarsdóttir,Kristjánsson/Kristjánsdóttir,Magnússon/Magnúsdóttir,Stefánsson/Stefánsdóttir,Björnsson/Björnsdóttir,Árnason/Árnadóttir,Helgason/Helgadóttir"
        ),
        Row(
            "ITA", "Italy", "Francesco Alessandro Lorenzo Andrea Matteo Gabriele Riccardo Marco",
            "Sofia Giulia Aurora Alice Martina Chiara Francesca Elisa",
            "Rossi,Russo,Ferrari,Esposito,Bianchi,Romano,Colombo,Ricci,Marino,Greco,Bruno,Gallo"),
        Row(
            "LTU", "Lithuania", "Lukas Matas Jonas Tomas Mantas Andrius Darius Vytautas",
            "Emilija Gabija Austėja Ugnė Eglė Rasa Jurgita Kristina",
            "Kazlauskas/Kazlauskaitė,Petrauskas/Petrauskaitė,Jankauskas/Jankauskaitė,Stankevičius/Stankevičiūtė,Vasiliauskas/Vasiliauskaitė,Žukauskas/Žukauskaitė,Butkus/Butkutė,Paulauskas/Paulauskaitė,Urbonas/Urbonaitė,Kavaliauskas/Kavaliauskaitė,Navickas/Navickaitė,Balčiūnas/Balčiūnaitė"
        ),
        Row(
            "LUX", "Luxembourg", "Gabriel Leo Noah Max Felix Luca Ben Tom",
            "Emma Mia Lara Lena Julie Anna Clara Charlotte",
            "Schmit,Muller,Weber,Hoffmann,Wagner,Thill,Schroeder,Becker,Klein,Reuter,Kieffer,Faber"),
        Row(
            "LVA", "Latvia", "Roberts Artūrs Kristaps Mārtiņš Jānis Edgars Andris Toms",
            "Anna Elza Marta Līga Kristīne Inese Laura Ieva",
            "Bērziņš/Bērziņa,Kalniņš/Kalniņa,Ozoliņš/Ozoliņa,Jansons/Jansone,Ozols/Ozola,Liepiņš/Liepiņa,Krūmiņš/Krūmiņa,Balodis/Balode,Eglītis/Eglīte,Petersons/Petersone,Zariņš/Zariņa,Vītols/Vītola"
        ),
        Row(
            "MKD", "North Macedonia", "Aleksandar Nikola Stefan Filip Goran Zoran Dejan Igor",
            "Marija Elena Ana Ivana Biljana Katerina Sanja Vesna",
            "Stojanovski/Stojanovska,Jovanovski/Jovanovska,Petrovski/Petrovska,Nikolovski/Nikolovska,Dimovski/Dimovska,Trajkovski/Trajkovska,Angelov/Angelova,Ristov/Ristova,Kostov/Kostova,Georgiev/Georgieva,Iliev/Ilieva,Mitrev/Mitreva"
        ),
        Row(
            "MNE", "Montenegro", "Marko Nikola Luka Stefan Petar Milan Vuk Dragan",
            "Milica Jovana Ana Marija Jelena Ivana Tijana Sara",
            "Popović,Marković,Vujović,Radulović,Ivanović,Petrović,Jovanović,Perović,Vuković,Đurović,Knežević,Božović"),
        Row(
            "NLD", "Netherlands", "Daan Sem Lucas Thijs Bram Jeroen Pieter Ruben",
            "Emma Julia Sanne Lotte Fleur Anouk Lisa Femke",
            "de Jong,Jansen,de Vries,van den Berg,van Dijk,Bakker,Janssen,Visser,Smit,Meijer,de Boer,Mulder"),
        Row(
            "NOR", "Norway", "Jakob Emil Oskar Magnus Henrik Kristian Ole Sindre",
            "Nora Emma Ingrid Sofie Ida Silje Kari Marte",
            "Hansen,Johansen,Olsen,Larsen,Andersen,Pedersen,Nilsen,Kristiansen,Jensen,Karlsen,Johnsen,Berg"),
        Row(
            "POL", "Poland", "Jakub Szymon Piotr Kacper Michał Tomasz Paweł Krzysztof",
            "Zuzanna Julia Maja Anna Katarzyna Agnieszka Magdalena Ewa",
            "Nowak,Kowalski/Kowalska,Wiśniewski/Wiśniewska,Wójcik,Kowalczyk,Kamiński/Kamińska,Lewandowski/Lewandowska,Zieliński/Zielińska,Szymański/Szymańska,Woźniak,Dąbrowski/Dąbrowska,Kozłowski/Kozłowska"
        ),
        Row(
            "PRT", "Portugal", "João Rodrigo Martim Francisco Tiago Miguel Pedro Rui",
            "Maria Leonor Matilde Beatriz Carolina Mariana Inês Ana",
            "Silva,Santos,Ferreira,Pereira,Oliveira,Costa,Rodrigues,Martins,Sousa,Fernandes,Gonçalves,Gomes"),
        Row(
            "ROU", "Romania", "Andrei Alexandru Ștefan Mihai Ionuț Cristian Vlad Radu",
            "Maria Ioana Andreea Elena Ana Alexandra Gabriela Roxana",
            "Popa,Popescu,Ionescu,Radu,Stan,Stoica,Gheorghe,Dumitru,Matei,Marin,Constantin,Ciobanu"),
        Row(
            "SVK", "Slovakia", "Jakub Adam Samuel Michal Martin Peter Tomáš Lukáš",
            "Sofia Nina Ema Viktória Zuzana Lucia Katarína Jana",
            "Horváth/Horváthová,Kováč/Kováčová,Varga/Vargová,Tóth/Tóthová,Nagy/Nagyová,Baláž/Balážová,Szabó/Szabóová,Molnár/Molnárová,Balog/Balogová,Lukáč/Lukáčová,Novák/Nováková,Polák/Poláková"
        ),
        Row(
            "SVN", "Slovenia", "Luka Jakob Filip Žan Matej Rok Andrej Miha", "Zala Nika Eva Ana Maja Nina Tjaša Mojca",
            "Novak,Horvat,Kovačič,Krajnc,Zupančič,Potočnik,Kovač,Mlakar,Kos,Vidmar,Golob,Turk"),
        Row(
            "SWE", "Sweden", "William Lucas Oscar Erik Gustav Johan Anders Viktor",
            "Alice Maja Elsa Ebba Astrid Karin Linnea Anna",
            "Andersson,Johansson,Karlsson,Nilsson,Eriksson,Larsson,Olsson,Persson,Svensson,Gustafsson,Pettersson,Lindberg"
        ),
        Row(
            "TUR", "Türkiye", "Mehmet Mustafa Ahmet Ali Hüseyin Emre Burak Murat",
            "Fatma Ayşe Emine Hatice Zeynep Elif Merve Esra",
            "Yılmaz,Kaya,Demir,Çelik,Şahin,Yıldız,Yıldırım,Öztürk,Aydın,Özdemir,Arslan,Doğan"),
        Row(
            "USA", "United States", "James Michael Robert John David William Christopher Joshua",
            "Mary Jennifer Jessica Ashley Emily Sarah Amanda Elizabeth",
            "Smith,Johnson,Williams,Brown,Jones,Garcia,Miller,Davis,Rodriguez,Martinez,Hernandez,Lopez"),
    ]
}
