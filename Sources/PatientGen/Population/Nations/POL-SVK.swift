extension NationTable {
    /// Names of Poland, Portugal, Romania, Slovakia.
    static let polToSvk: [Row] = [
        Row(
            "POL", "Poland",
            male: """
                Jakub,Szymon,Piotr,Kacper,Michał,Tomasz,Paweł,Krzysztof,Jan,Mateusz,Bartosz,Antoni,Filip,Maciej,\
                Aleksander,Franciszek,Mikołaj,Adam,Stanisław,Wiktor,Wojciech,Igor,Maksymilian,Karol,Dawid,Patryk,\
                Oskar,Dominik,Kamil,Oliwier,Ignacy,Marcel,Hubert,Adrian,Łukasz,Sebastian,Julian,Tymon,Krystian,Marcin,\
                Damian,Miłosz,Leon,Alan,Tymoteusz,Kajetan,Grzegorz,Daniel,Rafał,Eryk,Konrad,Ksawery,Gabriel,Nikodem,\
                Bruno,Przemysław,Borys,Artur,Olaf,Jerzy,Marek,Tadeusz,Andrzej,Witold,Iwo,Juliusz,Robert,Błażej,Cezary,\
                Jeremi,Jacek,Konstanty,Ryszard,Stefan,Aleks,Gustaw,Radosław,Emil,Norbert,Fabian,Jędrzej,Alex,\
                Kazimierz,Arkadiusz,Kornel,Józef,Natan,Cyprian,Mieszko,Nataniel,Maks,Maurycy,Olgierd,Dariusz,Leonard,\
                Mariusz,Albert,Fryderyk,Ernest,Tobiasz
                """,
            female: """
                Zuzanna,Julia,Maja,Anna,Katarzyna,Agnieszka,Magdalena,Ewa,Aleksandra,Alicja,Amelia,Barbara,Beata,\
                Danuta,Dorota,Elżbieta,Gabriela,Grażyna,Hanna,Helena,Iwona,Jadwiga,Joanna,Karolina,Kinga,Lena,\
                Małgorzata,Maria,Marta,Monika,Natalia,Oliwia,Patrycja,Paulina,Renata,Sylwia,Teresa,Weronika,Wiktoria,\
                Kamila,Blanka,Olga,Kalina,Klara,Urszula,Sandra,Kaja,Marianna,Kornelia,Justyna,Sara,Adrianna,Aniela,\
                Róża,Marcelina,Roksana,Natasza,Lidia,Malwina,Karina,Ada,Marika,Anastazja,Sonia,Nela,Apolonia,Ida,\
                Eliza,Angelika,Liwia,Ewelina,Julita,Rozalia,Inga,Krystyna,Bianka,Dagmara,Melania,Nicole,Anita,Aurelia,\
                Janina,Julianna,Tola,Gaja
                """,
            surnames: """
                Nowak,Kowalski/Kowalska,Wiśniewski/Wiśniewska,Wójcik,Kowalczyk,Kamiński/Kamińska,\
                Lewandowski/Lewandowska,Zieliński/Zielińska,Szymański/Szymańska,Woźniak,Dąbrowski/Dąbrowska,\
                Kozłowski/Kozłowska,Jankowski/Jankowska,Mazur,Wojciechowski/Wojciechowska,Kwiatkowski/Kwiatkowska,\
                Krawczyk,Kaczmarek,Piotrowski/Piotrowska,Grabowski/Grabowska,Zając,Pawłowski/Pawłowska,\
                Michalski/Michalska,Król,Wieczorek,Jabłoński/Jabłońska,Wróbel,Nowakowski/Nowakowska,Majewski/Majewska,\
                Olszewski/Olszewska,Stępień,Malinowski/Malinowska,Jaworski/Jaworska,Adamczyk,Dudek,Nowicki/Nowicka,\
                Pawlak,Górski/Górska,Witkowski/Witkowska,Walczak,Sikora,Baran,Rutkowski/Rutkowska,Michalak,Szewczyk,\
                Ostrowski/Ostrowska,Tomaszewski/Tomaszewska,Pietrzak,Zalewski/Zalewska,Wróblewski/Wróblewska,\
                Marciniak,Jasiński/Jasińska,Zawadzki/Zawadzka,Bąk,Jakubowski/Jakubowska,Sadowski/Sadowska,Duda,\
                Włodarczyk,Wilk,Chmielewski/Chmielewska,Borkowski/Borkowska,Sokołowski/Sokołowska,\
                Szczepański/Szczepańska,Sawicki/Sawicka,Kucharski/Kucharska,Lis,Maciejewski/Maciejewska,Kubiak,\
                Kalinowski/Kalinowska,Mazurek,Wysocki/Wysocka,Kołodziej,Kaźmierczak,Wandzel,Kondej,Kus,Mateusiak,\
                Drozda,Łuszczak,Domżał,Kochanowicz,Hermanowicz,Gorzelańczyk,Piórek,Franczuk,Pakosz,Prucnal,Armatys,\
                Sacharczuk,Juszczuk,Berg,Hanc,Budner,Rabiej,Strzępek,Bubel,Chruszcz,Świerszcz,Lalak,Klama,Faruga,\
                Budniak,Budkiewicz,Płoskonka,Chlebek,Trzmiel,Kurach,Mikoda,Mendak,Szeszko,Magier,Leszkiewicz,\
                Kuncewicz,Opas,Koziatek,Piwek,Kamieniarz,Ruszel,Powązka,Deryło,Jakiel,Migała,Szlufik,Miszkiel,Kosidło,\
                Kosno
                """),
        Row(
            "PRT", "Portugal",
            male: """
                João,Rodrigo,Martim,Francisco,Tiago,Miguel,Pedro,Rui,Afonso,Alexandre,Álvaro,André,Ângelo,António,\
                Artur,Benjamim,Bernardo,Bruno,Carlos,Cláudio,Cristiano,César,Daniel,David,Denis,Diego,Dinis,Diogo,\
                Duarte,Edgar,Eduardo,Emanuel,Enzo,Fernando,Filipe,Frederico,Fábio,Gabriel,Gaspar,Gil,Gonçalo,\
                Guilherme,Gustavo,Henrique,Hugo,Igor,Isaac,Ismael,Ivan,Ivo,Jaime,Joaquim,Joel,Jorge,José,Kevin,\
                Leandro,Leonardo,Lisandro,Lourenço,Luca,Lucas,Luís,Manuel,Marco,Marcos,Mateus,Matias,Mauro,Micael,\
                Márcio,Mário,Nelson,Noa,Nuno,Paulo,Rafael,Renato,Ricardo,Rúben,Salvador,Samuel,Sandro,Santiago,\
                Sebastião,Simão,Sérgio,Tomás,Tomé,Valentim,Vasco,Vicente,Vítor,William,Wilson,Xavier
                """,
            female: """
                Maria,Leonor,Matilde,Beatriz,Carolina,Mariana,Inês,Ana,Adriana,Alexandra,Alice,Alícia,Amélia,Andreia,\
                Ângela,Anita,Ariana,Benedita,Bianca,Bruna,Bárbara,Caetana,Camila,Carlota,Carminho,Catarina,Clara,\
                Constança,Daniela,Diana,Débora,Eduarda,Ema,Emma,Emília,Érica,Eva,Fabiana,Filipa,Flor,Francisca,\
                Gabriela,Helena,Iara,Irina,Íris,Isabel,Isabela,Joana,Juliana,Jéssica,Júlia,Lara,Larissa,Laura,Letícia,\
                Lia,Lorena,Luana,Luciana,Luna,Luísa,Lúcia,Madalena,Mafalda,Mara,Margarida,Marta,Melissa,Mia,Miriam,\
                Mélanie,Nair,Nicole,Nádia,Núria,Patrícia,Petra,Pilar,Rafaela,Raquel,Renata,Rita,Salomé,Sara,Sofia,\
                Soraia,Tatiana,Teresa,Valentina,Vera,Victória,Violeta,Vitória,Yara
                """,
            surnames: """
                Silva,Santos,Ferreira,Pereira,Oliveira,Costa,Rodrigues,Martins,Sousa,Fernandes,Gonçalves,Gomes,\
                Almeida,Lopes,Marques,Alves,Ribeiro,Pinto,Carvalho,Teixeira,Moreira,Correia,Mendes,Nunes,Soares,\
                Vieira,Monteiro,Cardoso,Rocha,Neves,Coelho,Cruz,Cunha,Pires,Ramos,Reis,Simões,Antunes,Matos,Fonseca,\
                Machado,Araújo,Barbosa,Tavares,Lourenço,Castro,Figueiredo,Azevedo,Abreu,Amaral,Amorim,Andrade,Anjos,\
                Assunção,Baptista,Barros,Batista,Borges,Branco,Brito,Campos,Carneiro,Domingues,Esteves,Faria,\
                Freitas,Garcia,Gaspar,Guerreiro,Henriques,Jesus,Leal,Leite,Lima,Loureiro,Macedo,Magalhães,Maia,\
                Matias,Melo,Miranda,Morais,Mota,Moura,Nascimento,Neto,Nogueira,Pacheco,Paiva,Pinheiro,Pinho,Sá,\
                Torres,Valente,Vaz,Vicente
                """),
        Row(
            "ROU", "Romania",
            male: """
                Andrei,Alexandru,Ștefan,Mihai,Ionuț,Cristian,Vlad,Radu,Achim,Adelin,Albert,Alex,Alin,Anatolie,Angel,\
                Antoniu,Aristide,Aurel,Basarab,Bernard,Brăduț,Camil,Carol,Cazimir,Cedrin,Ciprian,Codrin,Constantin,\
                Corvin,Costache,Costin,Cristofor,Dan,Darius,Denis,Dominic,Dorian,Doru,Edmond,Eftimie,Emanuil,Emilian,\
                Eric,Eusebiu,Fabian,Florea,Florian,Frederic,Gabriel,Georgel,Ghenadie,Grațian,Haralamb,Horațiu,Iacob,\
                Ilarion,Ion,Irinel,Iurie,Iustinian,Jean,Ladislau,Laurențiu,Leonard,Lorin,Ludovic,Marcel,Marian,Martin,\
                Maxim,Mihnea,Mugur,Nicoară,Nicolaie,Octav,Octaviu,Oliviu,Pamfil,Paul,Pătru,Petrică
                """,
            female: """
                Maria,Ioana,Andreea,Elena,Ana,Alexandra,Gabriela,Roxana,Ada,Adelina,Agata,Aida,Alina,Amalia,Anamaria,\
                Anda,Angela,Anișoara,Anuța,Arina,Astrid,Aura,Aurora,Bogdana,Carina,Carolina,Caterina,Catrinel,Celia,\
                Clara,Clementina,Codruța,Consuela,Cosmina,Cristina,Daiana,Daniela,Delia,Diana,Doina,Doriana,Dumitra,\
                Eftimia,Eliana,Eliza,Emilia,Eufrosina,Eva,Fabia,Fiona,Floarea,Florentina,Florina,Geanina,Georgia,\
                Gherghina,Giorgiana,Ilona,Ioanina,Iosefina,Iris,Iuliana,Izabela,Janina,Julieta,Laurenția,Leana,\
                Leopoldina,Lidia,Liliana,Loredana,Luana,Ludmila,Luminița,Malvina,Marcela,Marilena,Marioara,Mădălina,\
                Melania,Milena,Mioara,Mirona,Monica,Natalia,Niculina,Nora,Octaviana,Olimpia,Otilia,Paraschiva,\
                Pompilia,Rafila,Rebeca,Roberta
                """,
            surnames: """
                Popa,Popescu,Ionescu,Radu,Stan,Stoica,Gheorghe,Dumitru,Matei,Marin,Constantin,Ciobanu,Rusu,Munteanu,\
                Șerban,Lazăr,Dobre,Barbu,Nistor,Florea,Tudor,Georgescu,Diaconu,Dinu,Mocanu,Voicu,Lungu,Oprea,Roșu,\
                Toma,Nițu,Manole,Cojocaru,Stănescu,Cristea,Sandu,Ene,Coman,Vasile,Ungureanu,Moldovan,Pop,Mureșan,\
                Crișan,Iordache,Tănase,Preda,Anghel,Bălan,Marinescu,Petrescu,Bucur,Ilie,Neagu,Olteanu,Nedelcu,Avram,\
                Pavel,Cozma,Grigore,Aanei,Ababei,Albu,Ardelean,Diaconescu,Dima,Dochioiu,Dumitrescu,Eftimie,\
                Gheorghiu,Ioniță,Mazilescu,Nemeș,Niță,Pușcașu,Stancu,Suciu,Tabacu,Tomescu,Voinea
                """),
        Row(
            "SVK", "Slovakia",
            male: """
                Jakub,Adam,Samuel,Michal,Martin,Peter,Tomáš,Lukáš,Adolf,Alan,Albín,Alex,Alexander,Alfonz,Alojz,\
                Andrej,Anton,Arnold,Arpád,Augustín,Aurel,Belo,Benedikt,Bernard,Blahoslav,Bohdan,Bohumír,Bohuš,\
                Boleslav,Boris,Bruno,Ctibor,Cyprián,Dalibor,Dávid,Denis,Dezider,Dobroslav,Drahomír,Dušan,Edmund,\
                Eduard,Emanuel,Erik,Ervín,Eugen,Félix,Filip,František,Frederik,Gabriel,Gejza,Gustáv,Henrich,Hubert,\
                Ignác,Iľja,Imrich,Izidor,Ján,Jaromír,Jaroslav,Jonáš,Július,Kamil,Karol,Klement,Koloman,Kornel,\
                Krištof,Kvetoslav,Leonard,Levoslav,Ľubomír,Ľubor,Ľuboš,Ľudomil,Marcel,Marián,Maroš,Matej,Matúš,\
                Medard,Metod,Mikuláš,Milan,Miloš,Mojmír,Nathan,Norbert,Oliver,Oskár,Pankrác,Patrik,Prokop,Radoslav,\
                Radúz,Rastislav,Richard,Roland
                """,
            female: """
                Sofia,Nina,Ema,Viktória,Zuzana,Lucia,Katarína,Jana,Adela,Adriána,Agnesa,Alana,Alena,Alexia,Alojzia,\
                Amália,Andrea,Angela,Anna,Antónia,Barbara,Beáta,Bianka,Blanka,Bohdana,Bohuslava,Božidara,Brigita,\
                Cecília,Dana,Danica,Darina,Denisa,Dobromila,Dominika,Drahomíra,Edita,Elena,Elisa,Elvíra,Emília,Estera,\
                Eugénia,Eunika,Filoména,Frederika,Gertrúda,Hana,Helena,Hermína,Hortenzia,Ida,Irena,Irma,Iveta,Ivona,\
                Jaromíra,Jolana,Judita,Juliana,Kamila,Karina,Karolína,Klára,Kornélia,Kvetoslava,Laura,Lenka,Lesana,\
                Liana,Liliana,Lívia,Ľubomíra,Ľudomila,Luna,Magdaléna,Marcela,Margita,Marianna,Marína,Martina,Matilda,\
                Michaela,Milena,Miloslava,Miriama,Monika,Natália,Nikola,Nora,Olívia,Otília,Oxana,Paulína,Petra,\
                Petronela,Radovana,Regína
                """,
            surnames: """
                Horváth/Horváthová,Kováč/Kováčová,Varga/Vargová,Tóth/Tóthová,Nagy/Nagyová,Baláž/Balážová,\
                Szabó/Szabóová,Molnár/Molnárová,Balog/Balogová,Lukáč/Lukáčová,Novák/Nováková,Polák/Poláková,\
                Abrahám/Abrahámová,Adamec/Adamecová,Andráš/Andrášová,Antal/Antalová,Bahna/Bahnová,Bán/Bánová,\
                Baňas/Baňasová,Bartoš/Bartošová,Baša/Bašová,Baško/Bašková,Bednár/Bednárová,Beňa/Beňová,Beňuš/Beňušová,\
                Bernolák/Bernoláková,Bicek/Biceková,Blaha/Blahová,Blažej/Blažejová,Bondra/Bondrová,Borík/Boríková,\
                Borka/Borková,Bosák/Bosáková,Brunovský/Brunovská,Bukovský/Bukovská,Capka/Capková,Cibuľka/Cibuľková,\
                Cigánik/Cigániková,Cyprich/Cyprichová,Čapko/Čapková,Čarnogurský/Čarnogurská,Černík/Černíková,\
                Čiernik/Čierniková,Ďaďo/Ďaďová,Dančák/Dančáková,Danko/Danková,Dano/Danová,Dávid/Dávidová,\
                Devečka/Devečková,Doležal/Doležalová,Ďorko/Ďorková,Drajna/Drajnová,Droppa/Droppová,Dubovský/Dubovská,\
                Dudek/Dudeková,Dudík/Dudíková,Dudo/Dudová,Dula/Dulová,Ďurča/Ďurčová,Ďurek/Ďureková,Ďuriš/Ďurišová,\
                Ďurkovič/Ďurkovičová,Ďuro/Ďurová,Dušek/Dušeková,Ďutka/Ďutková,Dvorský/Dvorská,Fabian/Fabianová,\
                Fabuš/Fabušová,Fašiang/Fašiangová,Feldek/Feldeková,Filip/Filipová,Filípek/Filípeková,Fraňa/Fraňová,\
                Ftáčnik/Ftáčniková,Gál/Gálová,Gálik/Gáliková,Gašparovič/Gašparovičová,Gavenda/Gavendová,\
                Gocník/Gocníková,Greguš/Gregušová,Hablák/Habláková,Hagara/Hagarová,Haluška/Halušková,Haňak/Haňaková,\
                Hanek/Haneková,Hanko/Hanková,Hanúsek/Hanúseková,Hanúska/Hanúsková,Harvan/Harvanová,Haščák/Haščáková,\
                Havranka/Havranková,Heretik/Heretiková,Hladký/Hladká,Hliník/Hliníková,Hodža/Hodžová,Holič/Holičová,\
                Holička/Holičková,Holub/Holubová,Holubek/Holubeková,Holubko/Holubková,Hoza/Hozová,Hrdlička/Hrdličková,\
                Hric/Hricová,Hruška/Hrušková,Huba/Hubová,Hudáček/Hudáčeková,Hus/Husová,Husák/Husáková,Húska/Húsková,\
                Hušek/Hušeková,Hušták/Huštáková,Hutta/Huttová,Chovanec/Chovanecová,Chudík/Chudíková,Imrich/Imrichová,\
                Jakubčík/Jakubčíková,Jakubec/Jakubecová,Jakubík/Jakubíková,Jakubko/Jakubková,Janák/Janáková,\
                Janček/Jančeková,Janeček/Janečeková,Janek/Janeková,Jáno/Jánová,Janoš/Janošová,Janošek/Janošeková,\
                Jánoška/Jánošková,Jánoško/Jánošková,Jantošovič/Jantošovičová,Junás/Junásová,Jurča/Jurčová,\
                Jurčo/Jurčová,Jurík/Juríková,Jurko/Jurková,Kaliňák/Kaliňáková,Kaniak/Kaniaková,Kavasch/Kavaschová,\
                Kazík/Kazíková,Kelo/Kelová,Keníž/Kenížová,Kisel/Kiselová,Kiseľa/Kiseľová,Klapáč/Klapáčová,\
                Klepáč/Klepáčová
                """),
    ]
}
