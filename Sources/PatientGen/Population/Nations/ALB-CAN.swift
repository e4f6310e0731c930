extension NationTable {
    /// Names of Albania, Belgium, Bulgaria, Canada.
    static let albToCan: [Row] = [
        Row(
            "ALB", "Albania",
            male: """
                Arben,Ilir,Besnik,Gentian,Dritan,Erion,Klajdi,Altin,Agron,Alban,Andi,Ardit,Arian,Armand,Artan,\
                Bardhyl,Bledar,Bujar,Dardan,Edmond,Eduart,Elton,Endri,Enver,Ermal,Fatmir,Florian,Fatos,Gëzim,Ismail,\
                Kastriot,Kujtim,Lorenc,Luan,Mentor,Petrit,Sokol,Shpëtim,Skënder,Taulant,Valon,Xhevdet,Ylli,Agim,\
                Arjan,Marin,Renato,Saimir,Alfred,Astrit
                """,
            female: """
                Elira,Mirela,Blerta,Ardita,Vjollca,Teuta,Anila,Drita,Adelina,Alma,Arta,Aurora,Besa,Brikena,Dafina,\
                Diana,Donika,Dorina,Edlira,Elona,Entela,Enkeleda,Eriona,Etleva,Fatmira,Flutura,Genta,Ilda,Jonida,\
                Klaudia,Kozeta,Lindita,Liri,Luljeta,Majlinda,Manjola,Migena,Mimoza,Nora,Oriana,Rovena,Silva,Suela,\
                Valbona,Vera,Violeta,Zamira,Zana,Albana,Rudina
                """,
            surnames: """
                Hoxha,Shehu,Dervishi,Prifti,Gjoka,Marku,Leka,Kola,Rama,Berisha,Gashi,Krasniqi,Muça,Mema,Lika,Bardhi,\
                Çela,Dema,Doda,Duka,Elezi,Frashëri,Gjini,Gjeka,Haxhiu,Hasani,Halili,Ibrahimi,Ismaili,Kaja,Kastrati,\
                Kelmendi,Koci,Kodra,Kurti,Laçi,Lleshi,Lula,Malaj,Mehmeti,Meta,Morina,Murati,Musta,Myftiu,Ndoja,Nika,\
                Noka,Osmani,Pasha,Peci,Përmeti,Qosja,Rexhepi,Ruka,Sadiku,Salihu,Selimi,Shala,Shkurti,Sinani,Spahiu,\
                Sula,Tafa,Tahiri,Toska,Troka,Vata,Veliu,Xhafa,Xhaka,Zefi,Zeka,Ymeri
                """),
        Row(
            "BEL", "Belgium",
            male: """
                Lucas,Liam,Arthur,Noah,Jules,Louis,Thomas,Maxime,Marc,Jean,Luc,Michel,Jan,Philippe,Patrick,Pierre,\
                Dirk,Alain,Peter,Nicolas,Johan,Christian,Bart,Olivier,Tom,Paul,Christophe,Daniel,Willy,David,Jozef,\
                Eric,Geert,Frédéric,André,Wim,Roger,Jacques,Julien,Eddy,Vincent,Steven,Pascal,Kevin,Sébastien,\
                Laurent,Mohamed,Koen,Michaël,Pieter,Thierry,Frank,Bernard,Robert,Alexandre,Danny,Marcel,François,\
                Didier,Guido,Guy,Stijn,Jonathan,Stéphane,Filip,Antoine,Joseph,Claude,Cédric,Erik,Kristof,Nathan,\
                Benjamin,Tim,Francis,Frans,Kris,Arnaud,Yves,Jonas,Hugo,Kurt,Serge,Freddy,Romain,Jeroen,Ronny,\
                Quentin,Guillaume,Walter,Dominique,Hans,Raphaël,Sven,Alexander,Bruno,Herman,Fabrice,Maarten,Simon
                """,
            female: """
                Emma,Olivia,Louise,Marie,Elise,Camille,Lotte,Julie,Maria,Nathalie,Rita,Isabelle,Ann,Anne,Martine,\
                Marleen,Françoise,Monique,Christine,Anna,Linda,Hilde,Véronique,Godelieve,Nicole,Ingrid,Chantal,\
                Jacqueline,Els,Catherine,Christiane,Sophie,Sofie,Valérie,Patricia,Nancy,Stéphanie,Carine,Katrien,\
                Laura,Sarah,Laurence,Annie,Céline,Caroline,Dominique,Charlotte,Fabienne,Sandra,Brigitte,Veerle,\
                Sylvie,Inge,Manon,Virginie,Nadine,Jeannine,Aurélie,Emilie,Ellen,Cindy,Léa,Ilse,Claudine,Liliane,\
                Bernadette,Wendy,Christel,Christelle,Lucie,Sara,Sabine,Marina,An,Myriam,Kim,Chloé,Cécile,Sonja,\
                Anita,Danielle,Kelly,Pauline,Greta,Elisabeth,Francine,Paula,Alice,Jessica,Heidi,Pascale,Annick,\
                Vanessa,Nele,Jeanne,Anja,Josiane,Denise,Béatrice,Michèle
                """,
            surnames: """
                Peeters,Janssens,Maes,Jacobs,Mertens,Willems,Claes,Goossens,Wouters,Dubois,Lambert,Dupont,Martin,\
                Simon,Leclercq,Dumont,Laurent,Lejeune,De Smet,Renard,Vermeulen,Denis,Pauwels,Gérard,Aerts,Leroy,\
                Hermans,François,Martens,Mathieu,Michiels,Charlier,De Vos,Petit,Claeys,Michel,De Clercq,Noël,Smets,\
                Bertrand,Van Damme,Lemaire,Hendrickx,Evrard,Janssen,Fontaine,Desmet,Collard,Van de Velde,Bernard,\
                Stevens,Thomas,De Backer,Marchal,Segers,Thiry,Lemmens,Legrand,Van den Broeck,Robert,Coppens,Adam,\
                Cools,André,Devos,Léonard,De Cock,Servais,Verhoeven,Henry,Smet,Gillet,De Smedt,Bastin,Verstraete,\
                Moreau,Wauters,Guillaume,De Meyer,Lefebvre,Verheyen,Carlier,Baert,Louis,De Wilde,Delvaux,Lauwers,\
                Hubert,De Pauw,Toussaint,De Ridder,Antoine,Geerts,Jacques,Declercq,Lebrun,Verbeke,Grégoire,Lenaerts,\
                Collin,Cornelis,Vermeiren,Lecomte,Vandenberghe,Cornet,Thys,Remy,Lambrechts,Maréchal,Bosmans,Goffin,\
                Verlinden,Rousseau,Moens,Poncelet,Wuyts,Schmitz,Van Dyck,Meunier,Verschueren,Michaux,Bogaert,\
                Timmermans,Gilson,Bogaerts,Heylen,Georges,Vermeersch,Jansen,Christiaens,Bodart,Bauwens,Libert,Thijs,\
                Piette,Verstraeten,Lefèvre,Van den Bossche,Lacroix,Pieters,Collignon,Goethals,Massart,Verhaeghe,\
                Roland,Simons,Descamps,Lievens,Gilles,Nijs,Boulanger,Dierckx,Delhaye,De Groote,Etienne,Van Hoof,\
                Mahieu,Ceulemans,Pierre,Van Hecke
                """),
        Row(
            "BGR", "Bulgaria",
            male: """
                Georgi=Георги,Ivan=Иван,Dimitar=Димитър,Nikolay=Николай,Petar=Петър,Hristo=Христо,Stefan=Стефан,\
                Aleksandar=Александър,Todor=Тодор,Yordan=Йордан,Vasil=Васил,Krasimir=Красимир,Plamen=Пламен,\
                Valentin=Валентин,Martin=Мартин,Emil=Емил,Asen=Асен,Boris=Борис,Kiril=Кирил,Rumen=Румен,\
                Svetoslav=Светослав,Lyubomir=Любомир,Ognyan=Огнян,Anton=Антон,Vladimir=Владимир,Boyko=Бойко,\
                Angel=Ангел,Atanas=Атанас,Blagovest=Благовест,Bogdan=Богдан,Bogomil=Богомил,Borislav=Борислав,\
                Bozhidar=Божидар,Valeri=Валери,Veselin=Веселин,Ventsislav=Венцислав,Viktor=Виктор,\
                Vladislav=Владислав,Galin=Галин,Daniel=Даниел,Danail=Данаил,Deyan=Деян,Dobromir=Добромир,\
                Dragomir=Драгомир,Evgeni=Евгени,Evtim=Евтим,Emanuil=Емануил,Zhivko=Живко,Zahari=Захари,\
                Zdravko=Здравко,Zlatko=Златко,Iliya=Илия,Ivaylo=Ивайло,Yavor=Явор,Kaloyan=Калоян,Kamen=Камен,\
                Konstantin=Константин,Kostadin=Костадин,Lazar=Лазар,Lachezar=Лъчезар,Mihail=Михаил,\
                Miroslav=Мирослав,Milen=Милен,Mitko=Митко,Momchil=Момчил,Nikola=Никола,Orlin=Орлин,Pavel=Павел,\
                Panteley=Пантелей,Pencho=Пенчо,Radoslav=Радослав,Radostin=Радостин,Rosen=Росен,Samuil=Самуил,\
                Simeon=Симеон,Slavcho=Славчо,Spas=Спас,Stanimir=Станимир,Stoyan=Стоян,Tihomir=Тихомир,\
                Toshko=Тошко,Tsvetan=Цветан,Chavdar=Чавдар,Yulian=Юлиян
                """,
            female: """
                Maria=Мария,Ivanka=Иванка,Elena=Елена,Desislava=Десислава,Gergana=Гергана,Viktoria=Виктория,\
                Nadezhda=Надежда,Radka=Радка,Daniela=Даниела,Yordanka=Йорданка,Petya=Петя,Silvia=Силвия,\
                Tsvetelina=Цветелина,Ivelina=Ивелина,Snezhana=Снежана,Anna=Анна,Todorka=Тодорка,Stefka=Стефка,\
                Rositsa=Росица,Galina=Галина,Valentina=Валентина,Kalina=Калина,Yana=Яна,Ralitsa=Ралица,\
                Adriana=Адриана,Albena=Албена,Aleksandra=Александра,Aneliya=Анелия,Antoaneta=Антоанета,\
                Bilyana=Биляна,Bistra=Бистра,Boryana=Боряна,Boyana=Бояна,Vanya=Ваня,Varvara=Варвара,\
                Velislava=Велислава,Veneta=Венета,Vera=Вера,Veselina=Веселина,Violeta=Виолета,Vyara=Вяра,\
                Gabriela=Габриела,Ginka=Гинка,Darina=Дарина,Denitsa=Деница,Diana=Диана,Dimitrina=Димитрина,\
                Donka=Донка,Ekaterina=Екатерина,Elisaveta=Елисавета,Emilia=Емилия,Zhivka=Живка,Zlatka=Златка,\
                Zornitsa=Зорница,Iva=Ива,Iliyana=Илияна,Irina=Ирина,Iskra=Искра,Katya=Катя,Krasimira=Красимира,\
                Lilyana=Лиляна,Lyubka=Любка,Lyudmila=Людмила,Magdalena=Магдалена,Margarita=Маргарита,\
                Mariana=Мариана,Mila=Мила,Milena=Милена,Nevena=Невена,Neli=Нели,Nina=Нина,Penka=Пенка,\
                Plamena=Пламена,Polina=Полина,Radostina=Радостина,Rayna=Райна,Rumyana=Румяна,Siyana=Сияна,\
                Stanislava=Станислава,Stela=Стела,Stoyanka=Стоянка,Teodora=Теодора,Hristina=Христина,\
                Tsveta=Цвета,Yuliana=Юлиана
                """,
            surnames: """
                Ivanov=Иванов/Ivanova=Иванова,Georgiev=Георгиев/Georgieva=Георгиева,\
                Dimitrov=Димитров/Dimitrova=Димитрова,Petrov=Петров/Petrova=Петрова,Nikolov=Николов/Nikolova=Николова,\
                Hristov=Христов/Hristova=Христова,Stoyanov=Стоянов/Stoyanova=Стоянова,\
                Yordanov=Йорданов/Yordanova=Йорданова,Dimov=Димов/Dimova=Димова,Genov=Генов/Genova=Генова,\
                Lazarov=Лазаров/Lazarova=Лазарова,Nenov=Ненов/Nenova=Ненова,Peev=Пеев/Peeva=Пеева,\
                Bonev=Бонев/Boneva=Бонева,Boyadzhiev=Бояджиев/Boyadzhieva=Бояджиева,Delchev=Делчев/Delcheva=Делчева,\
                Dinev=Динев/Dineva=Динева,Stoilov=Стоилов/Stoilova=Стоилова,Tonev=Тонев/Toneva=Тонева,\
                Hadzhiev=Хаджиев/Hadzhieva=Хаджиева,Zhekov=Жеков/Zhekova=Жекова,\
                Vladimirov=Владимиров/Vladimirova=Владимирова,Tomov=Томов/Tomova=Томова,\
                Trifonov=Трифонов/Trifonova=Трифонова,Kovachev=Ковачев/Kovacheva=Ковачева,\
                Spasov=Спасов/Spasova=Спасова,Ruskov=Русков/Ruskova=Рускова,Momchilov=Момчилов/Momchilova=Момчилова,\
                Kamenov=Каменов/Kamenova=Каменова,Boyanov=Боянов/Boyanova=Боянова,\
                Grigorov=Григоров/Grigorova=Григорова,Lyubenov=Любенов/Lyubenova=Любенова,\
                Todorov=Тодоров/Todorova=Тодорова,Iliev=Илиев/Ilieva=Илиева,Vasilev=Василев/Vasileva=Василева,\
                Angelov=Ангелов/Angelova=Ангелова,Kolev=Колев/Koleva=Колева,Atanasov=Атанасов/Atanasova=Атанасова,\
                Petkov=Петков/Petkova=Петкова,Pavlov=Павлов/Pavlova=Павлова,Mihaylov=Михайлов/Mihaylova=Михайлова,\
                Popov=Попов/Popova=Попова,Aleksandrov=Александров/Aleksandrova=Александрова,\
                Markov=Марков/Markova=Маркова,Krastev=Кръстев/Krasteva=Кръстева,Danailov=Данаилов/Danailova=Данаилова,\
                Marinov=Маринов/Marinova=Маринова,Dobrev=Добрев/Dobreva=Добрева,Borisov=Борисов/Borisova=Борисова,\
                Minchev=Минчев/Mincheva=Минчева,Kostov=Костов/Kostova=Костова,Yakimov=Якимов/Yakimova=Якимова,\
                Tsvetkov=Цветков/Tsvetkova=Цветкова,Velev=Велев/Veleva=Велева,Mitev=Митев/Miteva=Митева,\
                Toshev=Тошев/Tosheva=Тошева,Rusev=Русев/Ruseva=Русева,Radev=Радев/Radeva=Радева,\
                Panayotov=Панайотов/Panayotova=Панайотова,Gospodinov=Господинов/Gospodinova=Господинова,\
                Penchev=Пенчев/Pencheva=Пенчева,Slavov=Славов/Slavova=Славова,Stefanov=Стефанов/Stefanova=Стефанова,\
                Tanev=Танев/Taneva=Танева,Nedev=Недев/Nedeva=Недева,Ganev=Ганев/Ganeva=Ганева,\
                Denev=Денев/Deneva=Денева,Zlatev=Златев/Zlateva=Златева,Zhelev=Желев/Zheleva=Желева,\
                Kirov=Киров/Kirova=Кирова,Koev=Коев/Koeva=Коева,Manolov=Манолов/Manolova=Манолова,\
                Mateev=Матеев/Mateeva=Матеева,Naumov=Наумов/Naumova=Наумова,Nedyalkov=Недялков/Nedyalkova=Недялкова,\
                Raykov=Райков/Raykova=Райкова,Savov=Савов/Savova=Савова,Stanev=Станев/Staneva=Станева,\
                Tasev=Тасев/Taseva=Тасева,Filipov=Филипов/Filipova=Филипова,Cholakov=Чолаков/Cholakova=Чолакова,\
                Yanev=Янев/Yaneva=Янева,Yankov=Янков/Yankova=Янкова,Valchev=Вълчев/Valcheva=Вълчева,\
                Kirilov=Кирилов/Kirilova=Кирилова,Draganov=Драганов/Draganova=Драганова,Semov=Семов/Semova=Семова,\
                Simeonov=Симеонов/Simeonova=Симеонова,Kolchev=Колчев/Kolcheva=Колчева,\
                Keleshev=Келешев/Kelesheva=Келешева,Bodurov=Бодуров/Bodurova=Бодурова,Yakov=Яков/Yakova=Якова,\
                Brankov=Бранков/Brankova=Бранкова,Zenginov=Зенгинов/Zenginova=Зенгинова,\
                Rangelov=Рангелов/Rangelova=Рангелова,Samsonov=Самсонов/Samsonova=Самсонова,\
                Andonov=Андонов/Andonova=Андонова,Dachev=Дачев/Dacheva=Дачева,Mladenov=Младенов/Mladenova=Младенова,\
                Milenkov=Миленков/Milenkova=Миленкова,Pulev=Пулев/Puleva=Пулева,\
                Parashkevov=Парашкевов/Parashkevova=Парашкевова,Manavski=Манавски/Manavska=Манавска,\
                Zlatkov=Златков/Zlatkova=Златкова,Stoykov=Стойков/Stoykova=Стойкова,\
                Karakashev=Каракашев/Karakasheva=Каракашева,Bobev=Бобев/Bobeva=Бобева,\
                Topchiyski=Топчийски/Topchiyska=Топчийска,Kobilarov=Кобиларов/Kobilarova=Кобиларова,\
                Tsotsov=Цоцов/Tsotsova=Цоцова,Stanishev=Станишев/Stanisheva=Станишева
                """),
        Row(
            "CAN", "Canada",
            male: """
                Liam,Noah,William,Benjamin,Logan,Ethan,Jacob,Nathan,Michael,Alain,David,Alexandre,James,Alexis,John,\
                André,Christopher,Antoine,Robert,Arthur,Matthew,Benoît,Daniel,Bernard,Joseph,Bertrand,Brian,Charles,\
                Jason,Joshua,Mark,Denis,Thomas,Édouard,Kevin,Émile,Richard,Emmanuel,Anthony,Éric,Andrew,Étienne,\
                Steven,François,Timothy,Frédéric,Jeffrey,Gabriel,Eric,Georges,Ryan,Gérard,Gilbert,Scott,Gilles,\
                Justin,Grégoire,Nicholas,Guillaume,Jonathan,Guy,Brandon,Paul,Henri,Kenneth,Hugues,Jacques,Gregory,\
                Jean,Stephen,Jérôme,Patrick,Adam,Aaron,Jules,Julien,Kyle,Jeremy,Laurent,Tyler,Louis,Zachary,Luc,\
                Ronald,Lucas,Edward,Marc,Donald,Maxime,Sean,Marcel,Jose,Martin,Alexander,Mathieu,Maurice,Gary,\
                Michel,Samuel,Keith
                """,
            female: """
                Olivia,Emma,Charlotte,Sophie,Chloe,Hannah,Abigail,Zoe,Jennifer,Agnès,Jessica,Alexandra,Lisa,\
                Kimberly,Alice,Amanda,Amélie,Michelle,Anaïs,Elizabeth,Andrée,Melissa,Anne,Ashley,Anouk,Sarah,Astrid,\
                Mary,Audrey,Stephanie,Aurélie,Amy,Aurore,Angela,Béatrice,Nicole,Brigitte,Heather,Camille,Laura,\
                Caroline,Rebecca,Catherine,Karen,Cécile,Kelly,Céline,Emily,Célina,Susan,Chantal,Rachel,Christina,\
                Christelle,Patricia,Christiane,Julie,Christine,Samantha,Claire,Megan,Claudine,Cynthia,Clémence,\
                Brittany,Colette,Lauren,Constance,Amber,Danielle,Andrea,Denise,Diane,Tiffany,Dominique,Maria,Dorothée,\
                Katherine,Édith,Tammy,Sandra,Éléonore,Linda,Élisabeth,Crystal,Élise,Lori,Élodie,Shannon,Émilie,Pamela,\
                Emmanuelle,Brenda,Florence,Donna,Françoise,Sara,Frédérique
                """,
            surnames: """
                Smith,Brown,Tremblay,Martin,Roy,Wilson,MacDonald,Gagnon,Johnson,Taylor,Campbell,Anderson,Williams,\
                Côté,Jones,Bouchard,Miller,Gauthier,Davis,Morin,Garcia,Lavoie,Rodriguez,Fortin,Gagné,Martinez,Ouellet,\
                Pelletier,Bélanger,Thomas,Lévesque,Hernandez,Bergeron,Moore,Leblanc,Paquette,Jackson,Girard,Thompson,\
                Simard,White,Boucher,Lopez,Caron,Lee,Beaulieu,Gonzalez,Cloutier,Harris,Dubé,Clark,Poirier,Lewis,\
                Fournier,Robinson,Lapointe,Walker,Leclerc,Perez,Lefebvre,Hall,Poulin,Young,Thibault,Allen,St-Pierre,\
                Sanchez,Nadeau,Wright,King,Landry,Scott,Martel,Green,Bédard,Baker,Grenier,Adams,Lessard,Nelson,\
                Bernier,Hill,Richard,Ramirez,Michaud,Hébert,Mitchell,Desjardins,Roberts,Couture,Carter,Turcotte,\
                Phillips,Lachance,Evans,Parent,Turner,Blais,Torres,Gosselin,Parker,Savard,Collins,Proulx,Edwards,\
                Beaudoin,Stewart,Demers,Flores,Perreault,Morris,Boudreau,Nguyen,Lemieux,Murphy,Cyr,Rivera,Perron,Cook,\
                Dufour,Rogers,Dion,Morgan,Mercier,Peterson,Bolduc,Cooper,Bérubé,Reed,Boisvert,Bailey,Langlois,Bell,\
                Ménard,Gomez,Therrien,Kelly,Plante,Howard,Bilodeau,Ward,Blanchette,Cox,Dubois,Diaz,Champagne,\
                Richardson,Paradis,Wood,Fortier,Watson,Arsenault,Brooks,Dupuis,Bennett,Gaudreault,Gray,Hamel,James,\
                Houle
                """),
    ]
}
